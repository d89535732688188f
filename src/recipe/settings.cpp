#include "recipe/settings.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <functional>
#include <stdexcept>

#include <nlohmann/json.hpp>

#include "base/duration.hpp"
#include "base/text.hpp"
#include "recipe/app.hpp"
#include "recipe/bounded_json.hpp"
#include "recipe/recipe_error.hpp"
#include "run/names.hpp"
#include "run/usage_error.hpp"

namespace ccci::recipe {

namespace {

using json = nlohmann::json;
using naming::Tier;
using std::chrono::microseconds;

constexpr int k_settings_depth = 8;
constexpr std::size_t k_longest_text = 1000;
constexpr std::size_t k_most_dependencies = 8;

constexpr std::array k_skippable{Tier::upgrade, Tier::backup, Tier::restore, Tier::custom,
                                 Tier::lint};

/// Thrown by the reader of one key.
struct WrongValue {
    std::string reason;
};
struct UnknownKey {};

[[noreturn]] void reject(const std::string& want, const json& value) {
    throw WrongValue{fmt::format("want {}, not {}", want, base::printable(value.dump()))};
}

bool has_control_character(std::string_view text) {
    return std::ranges::any_of(text, [](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return byte < 0x20 || byte == 0x7f;
    });
}

std::string line_in(const json& value) {
    if (!value.is_string() || value.get_ref<const std::string&>().size() > k_longest_text ||
        has_control_character(value.get_ref<const std::string&>())) {
        reject("one line of text", value);
    }
    return value.get<std::string>();
}

std::string path_in(const json& value) {
    const bool good =
        value.is_string() && value.get_ref<const std::string&>().starts_with('/') &&
        std::ranges::all_of(line_in(value), [](char c) { return c > ' ' && c < 0x7f; });
    if (!good) {
        reject("a path of a URL such as \"/health\"", value);
    }
    return value.get<std::string>();
}

std::vector<int> codes_in(const json& value) {
    const bool good =
        value.is_array() && !value.empty() && std::ranges::all_of(value, [](const json& code) {
            return code.is_number_integer() && code >= 100 && code <= 599;
        });
    if (!good) {
        reject("a list of HTTP status codes", value);
    }
    return value.get<std::vector<int>>();
}

microseconds span_in(const json& value) {
    try {
        const microseconds span = base::parse_duration(line_in(value));
        if (span > microseconds{0}) {
            return span;
        }
    } catch (const std::invalid_argument&) {
    } catch (const WrongValue&) {
    }
    reject("a time span such as \"10min\"", value);
}

void read_health(Settings& settings, const std::string& name, const json& value) {
    if (name == "path") {
        settings.health_path = path_in(value);
    } else if (name == "codes") {
        settings.health_codes = codes_in(value);
    } else {
        throw UnknownKey{};
    }
}

void read_timeout(Settings& settings, const std::string& name, const json& value) {
    static const std::map<std::string, microseconds Settings::*> k_fields{
        {"health", &Settings::health_timeout},
        {"converge", &Settings::converge_timeout},
        {"pull", &Settings::pull_timeout},
    };
    const auto field = k_fields.find(name);
    if (field == k_fields.end()) {
        throw UnknownKey{};
    }
    settings.*(field->second) = span_in(value);
}

void read_env(Settings& settings, const std::string& name, const json& value) {
    if (!is_variable_name(name)) {
        throw WrongValue{"is no name of a variable"};
    }
    if (steers_the_command(name)) {
        throw WrongValue{"cannot be set: it steers the deploy itself"};
    }
    if (name == "DOMAIN" || name == "TYPE" || name == "STACK_NAME") {
        throw WrongValue{"cannot be set: it is the run's own"};
    }
    settings.env[name] = line_in(value);
}

void read_skip(Settings& settings, const std::string& name, const json& value) {
    const auto* const tier = std::ranges::find_if(
        k_skippable, [&](Tier each) { return naming::to_string(each) == name; });
    if (tier == k_skippable.end()) {
        throw UnknownKey{};
    }
    std::string reason = line_in(value);
    if (base::trim(reason).empty()) {
        reject("the reason", value);
    }
    settings.skip[*tier] = std::move(reason);
}

Dependency dependency_in(const json& item) {
    const json ref = item.is_object() ? item.value("ref", json("")) : json();
    const bool good = item.is_object() && item.contains("recipe") && item["recipe"].is_string() &&
                      ref.is_string() && item.size() == 1U + item.count("ref");
    if (!good) {
        reject("a list of objects with a recipe and perhaps a ref", item);
    }
    try {
        return {run::check_recipe(item["recipe"].get<std::string>()),
                ref == "" ? "" : run::check_ref(ref.get<std::string>())};
    } catch (const run::UsageError& error) {
        throw WrongValue{error.what()};
    }
}

/// As a whole: of two files, the later one's list counts.
void read_dependencies(Settings& settings, const json& value) {
    if (!value.is_array() || value.size() > k_most_dependencies) {
        reject("a list of at most 8", value);
    }
    std::vector<Dependency> dependencies;
    for (const json& item : value) {
        dependencies.push_back(dependency_in(item));
        const std::string& name = dependencies.back().recipe;
        if (std::ranges::count(dependencies, name, &Dependency::recipe) > 1) {
            throw WrongValue{fmt::format("has {} twice", name)};
        }
    }
    settings.dependencies = std::move(dependencies);
}

using ReadMember = void (*)(Settings&, const std::string& name, const json& value);

const std::map<std::string, ReadMember>& sections() {
    static const std::map<std::string, ReadMember> k_sections{{"health", read_health},
                                                              {"timeouts", read_timeout},
                                                              {"env", read_env},
                                                              {"skip", read_skip}};
    return k_sections;
}

json parse_settings(std::string_view text, const std::string& file) {
    json document;
    try {
        document = parse_bounded_json(text, k_settings_depth);
    } catch (const std::invalid_argument& error) {
        throw RecipeError{fmt::format("{}: {}", file, error.what())};
    }
    if (!document.is_object()) {
        throw RecipeError{fmt::format("{}: want one JSON object", file)};
    }
    return document;
}

/// Calls `read`, and says of which key of which file it complains.
template <typename Read>
void read_key(const std::string& file, const std::string& key, Read read) {
    try {
        read();
    } catch (const WrongValue& error) {
        throw RecipeError{
            fmt::format("{}: key '{}': {}", file, base::printable(key), error.reason)};
    } catch (const UnknownKey&) {
        throw RecipeError{fmt::format("{}: unknown key '{}'", file, base::printable(key))};
    }
}

}  // namespace

Settings default_settings(const run::Config& config) {
    return {.health_path = {},
            .health_codes = config.health_codes,
            .health_timeout = config.health_timeout,
            .converge_timeout = config.converge_timeout,
            .pull_timeout = config.pull_timeout,
            .env = {},
            .skip = {},
            .dependencies = {},
            .screenshot = {},
            .origin = {}};
}

void apply_settings(Settings& settings, std::string_view text, const std::string& file,
                    const std::string& origin) {
    const json document = parse_settings(text, file);
    for (const auto& [section, members] : document.items()) {
        if (section == "dependencies" || section == "screenshot") {
            read_key(file, section, [&, &name = section, &value = members] {
                if (name == "dependencies") {
                    read_dependencies(settings, value);
                } else {
                    settings.screenshot = path_in(value);
                }
            });
            settings.origin[section] = origin;
            continue;
        }
        ReadMember read_member = nullptr;
        read_key(file, section, [&, &name = section, &value = members] {
            const auto found = sections().find(name);
            if (found == sections().end()) {
                throw UnknownKey{};
            }
            if (!value.is_object()) {
                reject("an object", value);
            }
            read_member = found->second;
        });
        for (const auto& [name, value] : members.items()) {
            const std::string key = fmt::format("{}.{}", section, name);
            read_key(file, key, [&, &member = name, &content = value] {
                read_member(settings, member, content);
            });
            settings.origin[key] = origin;
        }
    }
}

}  // namespace ccci::recipe
