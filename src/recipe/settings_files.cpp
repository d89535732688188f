#include "recipe/settings_files.hpp"

#include <fmt/format.h>

#include <optional>
#include <system_error>

#include "base/files.hpp"
#include "recipe/recipe_error.hpp"
#include "run/usage_error.hpp"

namespace ccci::recipe {

namespace fs = std::filesystem;

namespace {

constexpr const char* k_settings_file = "cc-ci.json";
constexpr const char* k_overlay_file = "compose.cc-ci.yml";
constexpr std::size_t k_largest_settings = std::size_t{64} << 10;

void apply_file(Settings& settings, const fs::path& path, const std::string& shown,
                const std::string& origin) {
    std::optional<std::string> text;
    try {
        text = base::try_read_file(path, k_largest_settings);
    } catch (const std::system_error& error) {
        throw RecipeError{fmt::format("{}: {}", shown, error.code().message())};
    }
    if (text) {
        apply_settings(settings, *text, shown, origin);
    }
}

}  // namespace

Settings load_settings(const run::Config& config, const TestFolders& folders) {
    Settings settings = default_settings(config);
    apply_file(settings, folders.recipe / k_settings_file, fmt::format("tests/{}", k_settings_file),
               "recipe");
    if (!folders.site.empty()) {
        const fs::path file = folders.site / k_settings_file;
        try {
            apply_file(settings, file, file.native(), "site");
        } catch (const RecipeError& error) {
            throw run::UsageError{error.what()};
        }
    }
    return settings;
}

std::vector<Overlay> find_overlays(const TestFolders& folders) {
    std::vector<Overlay> overlays;
    const fs::path own = folders.recipe / k_overlay_file;
    if (fs::exists(own)) {
        overlays.push_back({fmt::format("tests/{}", k_overlay_file), "recipe", own});
    }
    const fs::path site = folders.site / k_overlay_file;
    if (!folders.site.empty() && fs::exists(site)) {
        overlays.push_back({site.native(), "site", site});
    }
    return overlays;
}

}  // namespace ccci::recipe
