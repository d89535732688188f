#include "run/config.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <stdexcept>
#include <utility>

#include "base/duration.hpp"
#include "base/endpoint.hpp"
#include "base/files.hpp"
#include "base/process.hpp"
#include "base/text.hpp"
#include "run/usage_error.hpp"

namespace ccci::run {

namespace {

using nlohmann::json;
using std::chrono::microseconds;

/// How one key is read into the structure and written back.
struct Key {
    std::string name;
    std::string want;
    std::function<void(Config&, const json&)> read;
    std::function<json(const Config&)> write;
};

/// Thrown by a reader whose value has the right type and a wrong content.
[[noreturn]] void reject(const std::string& reason) {
    throw std::invalid_argument{reason};
}

/// Whatever is accepted here can be handed on: to a child as JSON, which a file is anyhow but a
/// variable of the environment need not be; and to the kernel, whose texts end at a NUL.
const std::string& as_text(const json& value) {
    const std::string& text = value.get_ref<const std::string&>();
    if (text.find('\0') != std::string::npos) {
        reject("holds a NUL character");
    }
    try {
        (void)value.dump();
    } catch (const json::type_error&) {
        reject("is not UTF-8");
    }
    return text;
}

std::string duration_text(microseconds span) {
    return fmt::format("{}us", span.count());
}

Key text(std::string name, std::string Config::*field) {
    return {std::move(name), "a string",
            [field](Config& config, const json& value) { config.*field = as_text(value); },
            [field](const Config& config) { return json(config.*field); }};
}

Key path(std::string name, std::filesystem::path Config::*field) {
    return {std::move(name), "an absolute path",
            [field](Config& config, const json& value) {
                const std::filesystem::path path = as_text(value);
                if (!path.empty() && !path.is_absolute()) {
                    reject("is not an absolute path");
                }
                config.*field = path;
            },
            [field](const Config& config) { return json((config.*field).native()); }};
}

Key span(std::string name, microseconds Config::*field) {
    return {std::move(name), "a time span such as \"10min\"",
            [field](Config& config, const json& value) {
                config.*field = base::parse_duration(as_text(value));
                if (config.*field == microseconds{0}) {
                    reject("must be more than nothing");
                }
            },
            [field](const Config& config) { return json(duration_text(config.*field)); }};
}

Key span_or_none(std::string name, microseconds Config::*field) {
    return {std::move(name), "a time span such as \"10min\"",
            [field](Config& config, const json& value) {
                config.*field = base::parse_duration(as_text(value));
            },
            [field](const Config& config) { return json(duration_text(config.*field)); }};
}

Key flag(std::string name, bool Config::*field) {
    return {std::move(name), "true or false",
            [field](Config& config, const json& value) {
                config.*field = value.get_ref<const json::boolean_t&>();
            },
            [field](const Config& config) { return json(config.*field); }};
}

Key one_of(std::string name, std::string Config::*field, std::vector<std::string> values) {
    const std::string want = "one of " + base::join(values, ", ");
    return {std::move(name), want,
            [field, values, want](Config& config, const json& value) {
                for (const std::string& good : values) {
                    if (good == as_text(value)) {
                        config.*field = good;
                        return;
                    }
                }
                reject("is not " + want);
            },
            [field](const Config& config) { return json(config.*field); }};
}

Key platform_key() {
    return {"platform", "one of none, swarm, abra, command",
            [](Config& config, const json& value) {
                const std::string& name = as_text(value);
                for (const PlatformKind kind : {PlatformKind::none, PlatformKind::swarm,
                                                PlatformKind::abra, PlatformKind::command}) {
                    if (to_string(kind) == name) {
                        config.platform = kind;
                        return;
                    }
                }
                reject("is not one of none, swarm, abra, command");
            },
            [](const Config& config) { return json(to_string(config.platform)); }};
}

Key base_domain_key() {
    return {"base_domain", "a domain",
            [](Config& config, const json& value) {
                config.base_domain = check_domain(as_text(value));
                config.run_app_pattern = RunAppPattern::for_base_domain(config.base_domain);
            },
            [](const Config& config) { return json(config.base_domain); }};
}

Key pattern_key() {
    return {"run_app_pattern", "a regular expression",
            [](Config& config, const json& value) {
                const std::string& text = as_text(value);
                auto usual = RunAppPattern::for_base_domain(config.base_domain);
                config.run_app_pattern =
                    text == usual.expression() ? std::move(usual) : RunAppPattern{text};
            },
            [](const Config& config) { return json(config.run_app_pattern.expression()); }};
}

Key program(const char* name, std::string Config::*field) {
    return {name, "the name or the absolute path of a program",
            [field](Config& config, const json& value) {
                const std::string& text = as_text(value);
                const bool has_slash = text.find('/') != std::string::npos;
                // What may be left out is empty by default.
                const bool lacks = text.empty() && !(Config{}.*field).empty();
                if (lacks || (has_slash && !text.starts_with('/'))) {
                    reject("is neither a name nor an absolute path");
                }
                config.*field = text;
            },
            [field](const Config& config) { return json(config.*field); }};
}

Key server(std::string name, std::string Config::*field) {
    return {std::move(name), "a string",
            [field](Config& config, const json& value) {
                const std::string& url = as_text(value);
                config.*field = url.empty() ? url : check_forge(url);
            },
            [field](const Config& config) { return json(config.*field); }};
}

Key endpoint(std::string name, std::string Config::*field) {
    return {std::move(name), "an address and a port",
            [field](Config& config, const json& value) {
                const std::string& text = as_text(value);
                if (!text.empty() && !base::is_endpoint(text)) {
                    reject("is no address with a port, such as \"127.0.0.1:8080\"");
                }
                config.*field = text;
            },
            [field](const Config& config) { return json(config.*field); }};
}

Key codes_key() {
    return {"health_codes", "a list of HTTP status codes",
            [](Config& config, const json& value) {
                const auto& codes = value.get_ref<const json::array_t&>();
                if (codes.empty() || !std::ranges::all_of(codes, &json::is_number_integer)) {
                    reject("is not a list of whole numbers with at least one in it");
                }
                for (const json& code : codes) {
                    if (code < 100 || code > 599) {
                        reject(fmt::format("has {}, which is no HTTP status code", code.dump()));
                    }
                }
                config.health_codes = value.get<std::vector<int>>();
            },
            [](const Config& config) { return json(config.health_codes); }};
}

Key repositories(std::string name, std::vector<std::string> Config::*field) {
    return {std::move(name), "a list of repositories, \"owner/name\"",
            [field](Config& config, const json& value) {
                std::vector<std::string> names;
                for (const json& each : value.get_ref<const json::array_t&>()) {
                    const std::string repository = check_repository(as_text(each));
                    // The build is told the recipe by this name.
                    (void)check_recipe(repository.substr(repository.find('/') + 1));
                    names.push_back(repository);
                }
                config.*field = std::move(names);
            },
            [field](const Config& config) { return json(config.*field); }};
}

/// What a check takes; may be empty.
Key checked(std::string name, std::string want, std::string Config::*field,
            std::string (*check)(const std::string&)) {
    return {std::move(name), std::move(want),
            [field, check](Config& config, const json& value) {
                const std::string& text = as_text(value);
                config.*field = text.empty() ? text : check(text);
            },
            [field](const Config& config) { return json(config.*field); }};
}

Key lock_key() {
    return {"lock", "an object such as {\"engine\": \"etcd\", \"endpoints\": [...]}",
            [](Config& config, const json& value) { config.lock = lock_settings_from(value); },
            [](const Config& config) { return to_json(config.lock); }};
}

/// In the order of application: base_domain sets run_app_pattern, so it comes first.
const std::vector<Key>& keys() {
    static const std::vector<Key> k_keys{
        path("lock_dir", &Config::lock_dir),
        lock_key(),
        path("runs_dir", &Config::runs_dir),
        path("state_dir", &Config::state_dir),
        base_domain_key(),
        pattern_key(),
        platform_key(),
        text("list_command", &Config::list_command),
        text("teardown_command", &Config::teardown_command),
        span("command_timeout", &Config::command_timeout),
        span("deadline", &Config::deadline),
        span("teardown_budget", &Config::teardown_budget),
        span("stop_grace", &Config::stop_grace),
        span_or_none("heartbeat", &Config::heartbeat),
        server("drone_server", &Config::drone_server),
        path("drone_token_file", &Config::drone_token_file),
        span("drone_poll", &Config::drone_poll),
        repositories("bridge_repositories", &Config::bridge_repositories),
        checked("bridge_organization", "a string", &Config::bridge_organization, check_owner),
        checked("bridge_drone_repository", "a repository, \"owner/name\"",
                &Config::bridge_drone_repository, check_repository),
        checked("bridge_drone_branch", "a branch", &Config::bridge_drone_branch, check_ref),
        span_or_none("bridge_poll", &Config::bridge_poll),
        endpoint("bridge_listen", &Config::bridge_listen),
        path("bridge_forge_token_file", &Config::bridge_forge_token_file),
        path("bridge_drone_token_file", &Config::bridge_drone_token_file),
        path("bridge_secret_file", &Config::bridge_secret_file),
        endpoint("dashboard_listen", &Config::dashboard_listen),
        server("dashboard_url", &Config::dashboard_url),
        path("docker_socket", &Config::docker_socket),
        one_of("resolve_image", &Config::resolve_image, {"always", "changed", "never"}),
        server("forge", &Config::forge),
        path("forge_token_file", &Config::forge_token_file),
        path("abra_dir", &Config::abra_dir),
        program("abra_command", &Config::abra_command),
        flag("abra_backups", &Config::abra_backups),
        path("site_tests_dir", &Config::site_tests_dir),
        program("screenshot_command", &Config::screenshot_command),
        text("health_url", &Config::health_url),
        codes_key(),
        span("health_timeout", &Config::health_timeout),
        span("converge_timeout", &Config::converge_timeout),
        span("pull_timeout", &Config::pull_timeout),
        text("restic_repository", &Config::restic_repository),
        path("restic_password_file", &Config::restic_password_file),
    };
    return k_keys;
}

/// A value of the environment need not be UTF-8.
std::string shown(const json& value) {
    return base::printable(value.dump(-1, ' ', false, json::error_handler_t::replace));
}

void apply_value(Config& config, const Key& key, const json& value, const std::string& origin) {
    try {
        key.read(config, value);
    } catch (const json::exception&) {
        throw UsageError{
            fmt::format("{}: key '{}': want {}, not {}", origin, key.name, key.want, shown(value))};
    } catch (const UsageError& error) {
        throw UsageError{fmt::format("{}: key '{}': {}", origin, key.name, error.what())};
    } catch (const std::invalid_argument& error) {
        throw UsageError{
            fmt::format("{}: key '{}': {} {}", origin, key.name, shown(value), error.what())};
    }
    config.origin[key.name] = origin;
}

void check_whole(const Config& config) {
    for (const auto& [name, path] :
         {std::pair{"lock_dir", &config.lock_dir}, std::pair{"runs_dir", &config.runs_dir},
          std::pair{"state_dir", &config.state_dir},
          std::pair{"docker_socket", &config.docker_socket},
          std::pair{"abra_dir", &config.abra_dir}}) {
        if (path->empty()) {
            throw UsageError{
                fmt::format("{}: key '{}': must not be empty", config.origin.at(name), name)};
        }
    }
    if (config.platform == PlatformKind::command &&
        (config.list_command.empty() || config.teardown_command.empty())) {
        throw UsageError{
            fmt::format("{}: platform 'command' needs both list_command and teardown_command",
                        config.origin.at("platform"))};
    }
    if (config.abra_backups && config.platform != PlatformKind::abra) {
        throw UsageError{fmt::format("{}: key 'abra_backups': needs platform 'abra', not '{}'",
                                     config.origin.at("abra_backups"), to_string(config.platform))};
    }
    // The bridge has a token of its own.
    const bool lacks_token = !config.drone_server.empty() && config.drone_token_file.empty() &&
                             config.bridge_drone_repository.empty();
    if (lacks_token || (config.drone_server.empty() && !config.drone_token_file.empty())) {
        throw UsageError{
            fmt::format("{}: drone_server and drone_token_file need each other",
                        config.origin.at(lacks_token ? "drone_server" : "drone_token_file"))};
    }
    if (config.restic_repository.empty() != config.restic_password_file.empty()) {
        throw UsageError{
            fmt::format("{}: restic_repository and restic_password_file need each other",
                        config.origin.at(config.restic_repository.empty() ? "restic_password_file"
                                                                          : "restic_repository"))};
    }
}

}  // namespace

void apply_json(Config& config, const json& file_json, const std::string& file) {
    if (!file_json.is_object()) {
        throw UsageError{fmt::format("{}: want one JSON object", file)};
    }
    for (const auto& [name, value] : file_json.items()) {
        bool known = false;
        for (const Key& key : keys()) {
            known = known || key.name == name;
        }
        if (!known) {
            throw UsageError{fmt::format("{}: unknown key '{}'", file, base::printable(name))};
        }
    }
    for (const Key& key : keys()) {
        if (const auto value = file_json.find(key.name); value != file_json.end()) {
            apply_value(config, key, *value, file);
        }
    }
}

void apply_environment(Config& config, const std::vector<std::string>& environment) {
    const std::vector<std::pair<std::string, std::string>> variables{
        {"CCCI_APP_LOCK_DIR", "lock_dir"},
        {"CCCI_RUNS_DIR", "runs_dir"},
        {"CCCI_BASE_DOMAIN", "base_domain"},
        {"CCCI_PLATFORM", "platform"},
    };
    for (const auto& [variable, name] : variables) {
        const std::optional<std::string> value = base::find_variable(environment, variable);
        if (!value || value->empty()) {
            continue;
        }
        for (const Key& key : keys()) {
            if (key.name == name) {
                apply_value(config, key, json(*value), variable);
            }
        }
    }
}

Config load_config(const std::optional<std::filesystem::path>& path,
                   const std::vector<std::string>& environment) {
    Config config;
    const std::filesystem::path file = path.value_or("/etc/cc-ci/config.json");
    const std::optional<std::string> text = base::try_read_file(file);
    if (!text && path) {
        throw UsageError{
            fmt::format("configuration file '{}' does not exist", base::printable(file.native()))};
    }
    if (text) {
        json parsed;
        try {
            parsed = json::parse(*text);
        } catch (const json::parse_error& error) {
            throw UsageError{fmt::format("{}: not JSON: byte {}", file.native(), error.byte)};
        } catch (const json::exception&) {
            throw UsageError{fmt::format("{}: has a number that is out of range", file.native())};
        }
        apply_json(config, parsed, file.native());
    }
    apply_environment(config, environment);
    check_whole(config);
    return config;
}

json to_json(const Config& config) {
    json result = json::object();
    for (const Key& key : keys()) {
        result[key.name] = key.write(config);
    }
    return result;
}

std::string to_string(PlatformKind kind) {
    switch (kind) {
        case PlatformKind::none:
            return "none";
        case PlatformKind::swarm:
            return "swarm";
        case PlatformKind::abra:
            return "abra";
        case PlatformKind::command:
            return "command";
    }
    return "unknown";
}

bool is_on_swarm(PlatformKind kind) {
    return kind == PlatformKind::swarm || kind == PlatformKind::abra;
}

}  // namespace ccci::run
