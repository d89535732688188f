#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "locks/lock_set.hpp"
#include "platform/swarm_app.hpp"
#include "recipe/app.hpp"
#include "recipe/app_backup.hpp"
#include "recipe/deployer.hpp"
#include "recipe/job.hpp"
#include "recipe/results.hpp"
#include "recipe/run_tree.hpp"
#include "recipe/settings.hpp"
#include "recipe/tier_tests.hpp"

namespace ccci::recipe {

/// What the tiers of one run share.
struct RecipeRun {
    const JobContext& job;
    RunTree tree;
    std::vector<std::string> environment;  ///< of hooks and tests, but for what a tier adds
    TestFolders test_folders;
    platform::SwarmApp app;
    std::unique_ptr<Deployer> deployer;
    Results results;
    Settings settings = {};  ///< these and the overlays are known once the code is fetched
    std::vector<Overlay> overlays = {};
    locks::LockSet dependency_locks = {};    ///< held until the job ends
    bool is_dependency = false;              ///< of another run, which reports on it
    std::string url = {};                    ///< where the app answers; empty until it is deployed
    std::unique_ptr<AppBackup> backup = {};  ///< what the backup tier leaves for the restore tier

    /// It was asked for, and is not declared to be skipped.
    [[nodiscard]] bool will_run(naming::Tier tier) const {
        return job.asks_for(tier) && !settings.skip.contains(tier);
    }
};

/// Makes the files of a run anew. `job` must outlive it.
RecipeRun make_run(const JobContext& job);

/// Writes results.json, junit.xml and the note as things stand, with the deploy count as the file
/// has it.
void save(RecipeRun& run);

/// A tier does its part, prints its lines, fills in what it found and returns pass or skip. It
/// throws RecipeError when the recipe fails it; the caller times it and records how it ended.
using TierFunction = std::function<Outcome(RecipeRun& run, TierResult& result)>;

Outcome run_fetch(RecipeRun& run, TierResult& result);
Outcome run_install(RecipeRun& run, TierResult& result);
Outcome run_upgrade(RecipeRun& run, TierResult& result);
Outcome run_quick_upgrade(RecipeRun& run, TierResult& result);
Outcome run_promotion(RecipeRun& run, TierResult& result);
Outcome run_backup(RecipeRun& run, TierResult& result);
Outcome run_restore(RecipeRun& run, TierResult& result);
Outcome run_custom(RecipeRun& run, TierResult& result);
Outcome run_lint(RecipeRun& run, TierResult& result);

}  // namespace ccci::recipe
