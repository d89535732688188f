#include "recipe/warm_volumes.hpp"

#include <fmt/format.h>

#include <optional>
#include <stdexcept>

#include "backup/archive.hpp"
#include "backup/labels.hpp"
#include "backup/place.hpp"
#include "base/files.hpp"
#include "engine/engine_error.hpp"
#include "recipe/recipe_error.hpp"
#include "recipe/warm_state.hpp"

namespace ccci::recipe {

namespace {

namespace fs = std::filesystem;

/// The whole volume.
backup::Part part_of(const std::string& volume) {
    return {.service = "the warm app", .volume = volume, .path = {}};
}

fs::path find_directory(platform::LastingStack& stack, const std::string& volume) {
    try {
        return stack.directory_of(volume);
    } catch (const engine::EngineError&) {
        throw;
    } catch (const std::runtime_error& error) {
        throw RecipeError{error.what()};
    }
}

}  // namespace

void put_volumes_away(platform::LastingStack& stack, const std::vector<std::string>& volumes,
                      const fs::path& state) {
    for (std::size_t at = 0; at < volumes.size(); ++at) {
        const backup::Part part = part_of(volumes[at]);
        const auto place = backup::find_place(find_directory(stack, volumes[at]), part);
        if (!place) {
            throw std::runtime_error{fmt::format("{}: is not there", describe(part))};
        }
        backup::create_archive(*place, part, WarmState::archive(state, at));
    }
}

void bring_volumes_back(platform::LastingStack& stack, const std::vector<std::string>& volumes,
                        const fs::path& state) {
    for (std::size_t at = 0; at < volumes.size(); ++at) {
        const fs::path directory = stack.directory_of(volumes[at]);
        const backup::Part part = part_of(volumes[at]);
        const backup::Place place = backup::make_place(directory, part, true);
        backup::clear(place, part);
        backup::extract_archive(WarmState::archive(state, at), part, place);
        base::sync_file_system(directory);
    }
}

}  // namespace ccci::recipe
