#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "bridge/state.hpp"
#include "run/record.hpp"

namespace ccci::bridge {

/// A run on this host, as it was left or is.
struct SeenRun {
    run::Record record;
    std::optional<Summary> summary;
};

/// The run of an errand whose build was started: of those that have the build's number for an id,
/// or that with a suffix, the last one that is of this recipe and pull request and no older than
/// the build. nullopt: it has not begun, or is on another host.
std::optional<SeenRun> find_run(const std::filesystem::path& runs_dir, const Errand& errand);

/// What a recipe is called that is in this repository, "owner/name".
std::string recipe_of(const std::string& repository);

}  // namespace ccci::bridge
