#include "run/lock_settings.hpp"

#include <fmt/format.h>
#include <sys/utsname.h>

#include <algorithm>
#include <functional>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <utility>

#include "base/duration.hpp"
#include "base/text.hpp"
#include "run/names.hpp"
#include "run/usage_error.hpp"

namespace ccci::run {

namespace {

using nlohmann::json;
using std::chrono::microseconds;
using namespace std::chrono_literals;

/// etcd grants no lease below one and a half of its election timeouts, and a host that pauses for a
/// moment must not lose its runs.
constexpr microseconds k_shortest_ttl = 5s;
constexpr microseconds k_longest_ttl = 1h;

struct Setting {
    const char* name;
    std::function<void(LockSettings&, const json&)> read;
    std::function<json(const LockSettings&)> write;
};

[[noreturn]] void reject(const char* name, const std::string& reason) {
    throw std::invalid_argument{fmt::format("has a '{}' that {}", name, reason)};
}

std::string text_of(const char* name, const json& value) {
    const auto& text = value.get_ref<const std::string&>();
    const bool printable = std::ranges::all_of(text, [](char c) { return c > ' ' && c <= '~'; });
    if (!printable || text.size() > 200) {
        reject(name, "is longer than 200 characters, or has others than printable ASCII in it");
    }
    return text;
}

Setting engine_setting() {
    return {"engine",
            [](LockSettings& settings, const json& value) {
                const auto& word = value.get_ref<const std::string&>();
                if (word != "flock" && word != "etcd") {
                    reject("engine", "is neither flock nor etcd");
                }
                settings.engine = word == "etcd" ? LockEngine::etcd : LockEngine::flock;
            },
            [](const LockSettings& settings) {
                return json(settings.engine == LockEngine::etcd ? "etcd" : "flock");
            }};
}

std::string endpoint_from(const json& value) {
    try {
        const std::string url = check_forge(text_of("endpoints", value));
        if (std::ranges::count(url, '/') == 2 && url.find(':', 6) != std::string::npos) {
            return url;
        }
    } catch (const UsageError&) {  // is said below
    }
    reject("endpoints", fmt::format("holds {}, which is no URL such as https://10.0.0.1:2379",
                                    base::printable(value.dump(), 100)));
}

Setting endpoints_setting() {
    return {"endpoints",
            [](LockSettings& settings, const json& value) {
                settings.endpoints.clear();
                for (const json& each : value.get_ref<const json::array_t&>()) {
                    settings.endpoints.push_back(endpoint_from(each));
                }
            },
            [](const LockSettings& settings) { return json(settings.endpoints); }};
}

Setting text_setting(const char* name, std::string LockSettings::*field) {
    return {name,
            [name, field](LockSettings& settings, const json& value) {
                settings.*field = text_of(name, value);
            },
            [field](const LockSettings& settings) { return json(settings.*field); }};
}

Setting span_setting(const char* name, microseconds LockSettings::*field) {
    return {name,
            [field](LockSettings& settings, const json& value) {
                settings.*field = base::parse_duration(value.get_ref<const std::string&>());
            },
            [field](const LockSettings& settings) {
                return json(fmt::format("{}us", (settings.*field).count()));
            }};
}

Setting path_setting(const char* name, std::filesystem::path LockSettings::*field) {
    return {name,
            [name, field](LockSettings& settings, const json& value) {
                const std::filesystem::path file = value.get_ref<const std::string&>();
                if (!file.empty() && !file.is_absolute()) {
                    reject(name, "is not an absolute path");
                }
                settings.*field = file;
            },
            [field](const LockSettings& settings) { return json((settings.*field).native()); }};
}

const std::vector<Setting>& settings_of_lock() {
    static const std::vector<Setting> k_settings{
        engine_setting(),
        endpoints_setting(),
        text_setting("prefix", &LockSettings::prefix),
        span_setting("ttl", &LockSettings::ttl),
        span_setting("margin", &LockSettings::margin),
        path_setting("ca_file", &LockSettings::ca_file),
        path_setting("cert_file", &LockSettings::cert_file),
        path_setting("key_file", &LockSettings::key_file),
        text_setting("user", &LockSettings::user),
        path_setting("password_file", &LockSettings::password_file),
        text_setting("host", &LockSettings::host),
    };
    return k_settings;
}

void check_whole(const LockSettings& settings) {
    const auto need = [](bool good, const char* reason) {
        if (!good) {
            throw std::invalid_argument{reason};
        }
    };
    need(settings.engine == LockEngine::flock || !settings.endpoints.empty(),
         "has the engine etcd and no endpoints");
    need(settings.prefix.size() > 1 && settings.prefix.ends_with('/'),
         "has a 'prefix' that is not a name with a slash at its end");
    need(
        settings.ttl >= k_shortest_ttl && settings.ttl <= k_longest_ttl && settings.ttl % 1s == 0us,
        "has a 'ttl' that is not whole seconds from 5s to 1h");
    need(settings.margin >= 1s && settings.margin <= settings.ttl / 2,
         "has a 'margin' that is not from 1s to half of 'ttl'");
    need(settings.cert_file.empty() == settings.key_file.empty(),
         "has one of 'cert_file' and 'key_file', which need each other");
    need(settings.user.empty() == settings.password_file.empty(),
         "has one of 'user' and 'password_file', which need each other");
}

}  // namespace

LockSettings lock_settings_from(const json& in) {
    LockSettings settings;
    if (!in.get_ref<const json::object_t&>().contains("engine")) {
        throw std::invalid_argument{"has no 'engine', which is flock or etcd"};
    }
    for (const auto& [name, value] : in.get_ref<const json::object_t&>()) {
        const auto key = std::ranges::find_if(
            settings_of_lock(),
            [&wanted = name](const Setting& each) { return each.name == wanted; });
        if (key == settings_of_lock().end()) {
            throw std::invalid_argument{
                fmt::format("has an unknown key '{}'", base::printable(name, 100))};
        }
        key->read(settings, value);
    }
    check_whole(settings);
    return settings;
}

json to_json(const LockSettings& settings) {
    json out = json::object();
    for (const Setting& key : settings_of_lock()) {
        out[key.name] = key.write(settings);
    }
    return out;
}

std::string host_name(const LockSettings& settings) {
    if (!settings.host.empty()) {
        return settings.host;
    }
    utsname names{};
    (void)::uname(&names);
    return names.nodename;
}

}  // namespace ccci::run
