#include "recipe/abra_deployer.hpp"

#include <fmt/format.h>

#include <stdexcept>
#include <utility>
#include <variant>

#include "base/text.hpp"
#include "recipe/abra_backup.hpp"
#include "recipe/abra_tree.hpp"
#include "recipe/compose_in_tree.hpp"
#include "recipe/log.hpp"
#include "recipe/owner_labels.hpp"
#include "recipe/recipe_error.hpp"
#include "recipe/recipe_run.hpp"
#include "run/usage_error.hpp"

namespace ccci::recipe {

namespace {

using std::chrono::steady_clock;

/// How long abra may take for what it asks the Swarm only.
constexpr std::chrono::minutes k_question_limit{1};
/// abra cuts the names of longer ones, and nobody would find what it deploys under them.
constexpr std::size_t k_longest_stack = 45;
/// As much of a commit as abra calls a chaos version.
constexpr std::size_t k_chaos_version = 8;

std::vector<std::string> service_names(const std::vector<ComposeService>& services) {
    std::vector<std::string> names;
    for (const ComposeService& service : services) {
        names.push_back(service.name);
    }
    return names;
}

}  // namespace

AbraDeployer::AbraDeployer(const run::Config& config, const std::string& stack,
                           const std::vector<std::string>& environment)
    : abra_{config, environment}, makes_backups_{config.abra_backups} {
    if (stack.size() > k_longest_stack) {
        throw run::UsageError{
            fmt::format("domain '{}': longer than {} characters, which is more than abra takes",
                        run::domain_of_stack(stack), k_longest_stack)};
    }
    if (abra_.version() == platform::k_known_abra) {
        log("with abra {}", abra_.version());
    } else {
        log("with abra {}; remark: cc-ci was written for abra {}",
            abra_.version().empty() ? "of an unknown version" : abra_.version(),
            platform::k_known_abra);
    }
}

std::size_t AbraDeployer::make_secrets(RecipeRun& run, const App& app) {
    std::vector<std::string> names;
    for (const SecretPlan& secret : app.secrets) {
        names.push_back(secret.name);
    }
    const std::size_t missing = run.app.missing_secrets(names).size();
    if (missing == 0) {
        return 0;
    }
    const auto why = with_tree_unmoved(run, "abra app secret generate", [&] {
        return abra_.generate_secrets(run.job.domain, steady_clock::now() + k_question_limit);
    });
    const std::vector<std::string> left = run.app.missing_secrets(names);
    if (!left.empty()) {
        throw RecipeError{fmt::format("abra app secret generate: {}: {}",
                                      why.value_or("it ended well, but did not make these"),
                                      base::join(left, ", "))};
    }
    return missing;
}

std::optional<std::string> AbraDeployer::deploy(RecipeRun& run, const App& app,
                                                steady_clock::time_point until) {
    const std::string commit = checked_out_commit(run);
    bring_into_tree(run.tree.recipe(run.job.recipe), run.tree.env_file(run.job.domain),
                    with_owner_labels(run, app));
    run.app.mark_owner();
    run.app.look_before_deploy();
    const bool again = !run.app.services().empty();
    std::optional<std::string> why = abra_.deploy(run.job.domain, again, until);
    if (!why) {
        check_deployed(run, app, commit.substr(0, k_chaos_version));
    }
    return why;
}

std::unique_ptr<AppBackup> AbraDeployer::new_backup(const RecipeRun& run,
                                                    std::vector<backup::ServicePlan> plans) {
    if (!makes_backups_) {
        return Deployer::new_backup(run, std::move(plans));
    }
    return std::make_unique<AbraBackup>(abra_, run.job.run_id, std::move(plans));
}

void AbraDeployer::check_deployed(RecipeRun& run, const App& app,
                                  const std::string& chaos_version) const {
    const std::string& domain = run.job.domain;
    const auto said = abra_.services(domain, steady_clock::now() + k_question_limit);
    const auto* services = std::get_if<std::vector<platform::AbraService>>(&said);
    std::string doubt =
        platform::doubt_about_deploy(run.app.services(), run.app.stack(), chaos_version);
    if (doubt.empty() && services != nullptr) {
        doubt = platform::doubt_about(*services, service_names(app.compose.services));
        doubt.insert(0, doubt.empty() ? "" : "abra app ps says that ");
    }
    if (!doubt.empty()) {
        throw std::runtime_error{
            fmt::format("abra app deploy {} ended well, but {}", domain, doubt)};
    }
    log("abra has deployed {} at {}, chaos version {}", run.job.recipe, domain, chaos_version);
    if (services == nullptr) {
        log("remark: abra app ps {} -m: {}", domain, std::get<std::string>(said));
    }
}

}  // namespace ccci::recipe
