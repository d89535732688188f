#include "recipe/manifest.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/duration.hpp"
#include "base/text.hpp"

namespace ccci::recipe {

namespace {

using json = nlohmann::json;
using naming::Tier;

/// In the order in which a run comes to them.
constexpr std::array k_hooks{"install_steps", "pre_upgrade", "pre_backup", "pre_restore",
                             "pre_custom"};

struct Setting {
    std::string key;
    json value;
    std::string shown;
};

std::string origin_of(const Settings& settings, const std::string& key) {
    const auto found = settings.origin.find(key);
    return found != settings.origin.end() ? found->second : "default";
}

std::vector<Setting> values(const Settings& settings) {
    const auto span = [](const std::string& key, std::chrono::microseconds value) {
        const std::string text = base::format_duration(value);
        return Setting{key, text, text};
    };
    const std::string path = settings.health_path.empty() ? "/" : settings.health_path;
    std::vector<Setting> all{
        {"health.path", path, path},
        {"health.codes", settings.health_codes, json(settings.health_codes).dump()},
        span("timeouts.health", settings.health_timeout),
        span("timeouts.converge", settings.converge_timeout),
        span("timeouts.pull", settings.pull_timeout)};
    if (!settings.screenshot.empty()) {
        all.push_back({"screenshot", settings.screenshot, settings.screenshot});
    }
    for (const auto& [name, value] : settings.env) {
        all.push_back({"env." + name, nullptr, ""});
    }
    if (!settings.dependencies.empty()) {
        json list = json::array();
        std::vector<std::string> shown;
        for (const Dependency& each : settings.dependencies) {
            list.push_back({{"recipe", each.recipe}, {"ref", each.ref}});
            shown.push_back(each.recipe + (each.ref.empty() ? "" : "@" + each.ref));
        }
        all.push_back({"dependencies", list, base::join(shown, ", ")});
    }
    return all;
}

std::string counted(std::size_t count, std::string_view what) {
    return fmt::format("{} {}{}", count, what, count == 1 ? "" : "s");
}

std::vector<std::string> names(const std::vector<Tier>& tiers) {
    std::vector<std::string> result;
    for (const Tier tier : tiers) {
        result.emplace_back(naming::to_string(tier));
    }
    return result;
}

std::string count_line(const Manifest& manifest) {
    std::size_t total = 0;
    std::vector<std::string> parts;
    for (const auto& [tier, count] : manifest.tests) {
        total += count;
        parts.push_back(fmt::format("{} {}", naming::to_string(tier), count));
    }
    return fmt::format("found {}{}, {}; tiers {}", counted(total, "test"),
                       parts.empty() ? "" : fmt::format(" ({})", base::join(parts, ", ")),
                       counted(manifest.hooks.size(), "hook"),
                       base::join(names(manifest.tiers), ", "));
}

}  // namespace

Manifest make_manifest(const Settings& settings, const std::vector<Overlay>& overlays,
                       const TestFolders& folders, const std::vector<Tier>& asked) {
    Manifest manifest{.settings = settings,
                      .overlays = overlays,
                      .hooks = {},
                      .tests = {},
                      .tiers = {},
                      .skips = {}};
    for (const char* hook : k_hooks) {
        std::ranges::move(find_hooks(folders, hook), std::back_inserter(manifest.hooks));
    }
    for (const Tier tier : asked) {
        if (const auto skip = settings.skip.find(tier); skip != settings.skip.end()) {
            manifest.skips.insert(*skip);
            continue;
        }
        manifest.tiers.push_back(tier);
        if (const std::size_t count = find_tests(folders, tier).tests.size(); count > 0) {
            manifest.tests[tier] = count;
        }
    }
    return manifest;
}

json to_json(const Manifest& manifest) {
    json result{{"settings", json::array()},      {"overlays", json::array()},
                {"hooks", json::array()},         {"tests", json::object()},
                {"tiers", names(manifest.tiers)}, {"skips", json::object()}};
    for (const Setting& each : values(manifest.settings)) {
        result["settings"].push_back({{"key", each.key},
                                      {"value", each.value},
                                      {"origin", origin_of(manifest.settings, each.key)}});
    }
    for (const Overlay& overlay : manifest.overlays) {
        result["overlays"].push_back({{"file", overlay.name}, {"origin", overlay.origin}});
    }
    for (const TestFile& hook : manifest.hooks) {
        result["hooks"].push_back({{"name", hook.name}, {"origin", hook.origin}});
    }
    for (const auto& [tier, count] : manifest.tests) {
        result["tests"][std::string{naming::to_string(tier)}] = count;
    }
    for (const auto& [tier, reason] : manifest.skips) {
        result["skips"][std::string{naming::to_string(tier)}] = reason;
    }
    return result;
}

std::vector<std::string> describe(const Manifest& manifest) {
    std::vector<std::string> lines;
    std::vector<std::string> changed;
    for (const Setting& each : values(manifest.settings)) {
        const std::string origin = origin_of(manifest.settings, each.key);
        if (origin != "default") {
            changed.push_back(fmt::format("{}{}{} ({})", each.key, each.shown.empty() ? "" : " ",
                                          each.shown, origin));
        }
    }
    if (!changed.empty()) {
        lines.push_back("settings: " + base::join(changed, ", "));
    }
    for (const Overlay& overlay : manifest.overlays) {
        lines.push_back(fmt::format("overlay: {} ({})", overlay.name, overlay.origin));
    }
    lines.push_back(count_line(manifest));
    return lines;
}

}  // namespace ccci::recipe
