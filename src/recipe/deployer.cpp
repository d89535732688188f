#include "recipe/deployer.hpp"

#include <utility>

#include "recipe/abra_deployer.hpp"
#include "recipe/own_backup.hpp"
#include "recipe/owner_labels.hpp"
#include "recipe/recipe_run.hpp"

namespace ccci::recipe {

namespace {

/// With the `docker` program.
class SwarmDeployer : public Deployer {
public:
    std::size_t make_secrets(RecipeRun& run, const App& app) override {
        std::size_t made = 0;
        for (const SecretPlan& secret : app.secrets) {
            made += run.app.create_secret(secret.name, make_secret(secret)) ? 1U : 0U;
        }
        return made;
    }

    std::optional<std::string> deploy(RecipeRun& run, const App& app,
                                      std::chrono::steady_clock::time_point until) override {
        return run.app.deploy({.compose_files = with_owner_labels(run, app),
                               .environment = deploy_environment(app, run.environment),
                               .directory = run.tree.recipe(run.job.recipe)},
                              until);
    }
};

}  // namespace

std::unique_ptr<AppBackup> Deployer::new_backup(const RecipeRun& run,
                                                std::vector<backup::ServicePlan> plans) {
    return std::make_unique<OwnBackup>(run, std::move(plans));
}

std::unique_ptr<Deployer> make_deployer(const JobContext& job, const std::string& stack,
                                        const std::vector<std::string>& environment) {
    if (job.config.platform == run::PlatformKind::abra) {
        return std::make_unique<AbraDeployer>(job.config, stack, environment);
    }
    return std::make_unique<SwarmDeployer>();
}

}  // namespace ccci::recipe
