#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "recipe/compose.hpp"

namespace ccci::recipe {

struct App;
struct RecipeRun;

/// A compose file, to come after these, that puts the labels on each service, network, volume,
/// config and secret that a deploy makes, and changes nothing else. `files` are such as
/// read_compose() takes.
std::string label_overlay(const std::vector<ComposeFile>& files,
                          const std::map<std::string, std::string>& labels);

/// The app's compose files; where the domain is locked for several hosts, with one more in the run
/// directory, by which all that is deployed says whose it is. Throws RecipeError.
std::vector<std::filesystem::path> with_owner_labels(const RecipeRun& run, const App& app);

}  // namespace ccci::recipe
