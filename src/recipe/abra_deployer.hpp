#pragma once

#include "platform/abra.hpp"
#include "recipe/deployer.hpp"

namespace ccci::recipe {

/// With the `abra` program: `secret generate` and `deploy`. The env file is not made by
/// `abra app new`, which moves the tree to a published version and refuses a file that is there
/// (docs/abra.md).
class AbraDeployer : public Deployer {
public:
    /// Says in the log which abra it is. Throws UsageError as make_deployer() does.
    AbraDeployer(const run::Config& config, const std::string& stack,
                 const std::vector<std::string>& environment);

    std::size_t make_secrets(RecipeRun& run, const App& app) override;

    /// Afterwards abra and the Engine must agree that this commit of the recipe is deployed at this
    /// domain. Throws std::runtime_error when they do not: then it is unknown what was tested.
    std::optional<std::string> deploy(RecipeRun& run, const App& app,
                                      std::chrono::steady_clock::time_point until) override;

    /// With abra_backups the backup is backupbot's.
    std::unique_ptr<AppBackup> new_backup(const RecipeRun& run,
                                          std::vector<backup::ServicePlan> plans) override;

private:
    void check_deployed(RecipeRun& run, const App& app, const std::string& chaos_version) const;

    platform::Abra abra_;
    bool makes_backups_;
};

}  // namespace ccci::recipe
