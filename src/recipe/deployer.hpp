#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "backup/labels.hpp"
#include "recipe/app.hpp"
#include "recipe/app_backup.hpp"
#include "recipe/job.hpp"

namespace ccci::recipe {

struct RecipeRun;

/// How an app gets its secrets, gets onto the Swarm and is backed up: all that the platforms differ
/// in. Its env file, images, hooks, convergence and health are the same for all of them, and its
/// removal is platform::Platform's.
class Deployer {
public:
    Deployer() = default;
    Deployer(const Deployer&) = delete;
    Deployer& operator=(const Deployer&) = delete;
    virtual ~Deployer() = default;

    /// Makes up the planned secrets that are not there yet; how many. Their values are shown
    /// nowhere.
    virtual std::size_t make_secrets(RecipeRun& run, const App& app) = 0;

    /// Deploys the run's tree, over what is there already, and does not wait for it to converge.
    /// It is given up at `until`, and dies with us. Why it failed, in a line; nullopt when the
    /// Swarm has accepted it.
    [[nodiscard]] virtual std::optional<std::string> deploy(
        RecipeRun& run, const App& app, std::chrono::steady_clock::time_point until) = 0;

    /// A backup, not made yet, of what the labels of the app's services declare.
    virtual std::unique_ptr<AppBackup> new_backup(const RecipeRun& run,
                                                  std::vector<backup::ServicePlan> plans);
};

/// The one of the configured platform. `environment` is that of the run's hooks and tests. Throws
/// UsageError when the platform's command is not there, or the app cannot be deployed with it.
std::unique_ptr<Deployer> make_deployer(const JobContext& job, const std::string& stack,
                                        const std::vector<std::string>& environment);

}  // namespace ccci::recipe
