#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "naming/stages.hpp"
#include "recipe/app.hpp"
#include "recipe/settings.hpp"
#include "recipe/tier_tests.hpp"

namespace ccci::recipe {

/// All that a run will take into account, as it was found: what it does can be told from this.
struct Manifest {
    Settings settings;
    std::vector<Overlay> overlays;
    std::vector<TestFile> hooks;
    std::map<naming::Tier, std::size_t> tests;  ///< how many; tiers without any are not here
    std::vector<naming::Tier> tiers;            ///< asked for, and not declared to be skipped
    std::map<naming::Tier, std::string> skips;  ///< asked for, and declared to be skipped
};

/// Looks for the tests and hooks of the tiers that were asked for.
Manifest make_manifest(const Settings& settings, const std::vector<Overlay>& overlays,
                       const TestFolders& folders, const std::vector<naming::Tier>& asked);

/// As in results.json. Values of the environment are not in it: an operator's may be secret.
nlohmann::json to_json(const Manifest& manifest);

/// For the log: what differs from the defaults, and a line that counts the rest.
std::vector<std::string> describe(const Manifest& manifest);

}  // namespace ccci::recipe
