#include "recipe/dependencies.hpp"

#include <fmt/format.h>
#include <signal.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include "base/fail_point.hpp"
#include "base/process.hpp"
#include "base/text.hpp"
#include "naming/domain.hpp"
#include "platform/platform.hpp"
#include "recipe/bring_up.hpp"
#include "recipe/dependency_list.hpp"
#include "recipe/log.hpp"
#include "recipe/recipe_error.hpp"
#include "run/record.hpp"
#include "run/run_dir.hpp"
#include "run/usage_error.hpp"

namespace ccci::recipe {

namespace {

std::string domain_for(const RecipeRun& run, const Dependency& dependency) {
    const std::string domain =
        naming::dependency_domain(dependency.recipe, run.job.domain, run.job.config.base_domain);
    if (!run.job.config.run_app_pattern.matches(domain)) {
        throw run::UsageError{
            fmt::format("the domain '{}' of dependency {} is no run app (run_app_pattern '{}')",
                        domain, dependency.recipe, run.job.config.run_app_pattern.expression())};
    }
    return domain;
}

/// What people are told who wait for one of the locks.
locks::Holder holder_of(const RecipeRun& run) {
    locks::Holder holder;
    holder.run = run.job.run_id;
    holder.since = std::chrono::system_clock::now();
    if (const auto record = run::RunDir::open(run.job.run_dir).read()) {
        holder.unit = record->unit;
        holder.invocation = record->invocation;
        holder.user = record->user;
        holder.until = run::latest_end(*record);
    }
    return holder;
}

/// Where domains are locked for several hosts: the run's lease comes to hold this one, too, and
/// gives it back with its own.
void join_for_all_hosts(const RecipeRun& run, const std::string& domain) {
    if (run.job.config.lock.engine != run::LockEngine::etcd) {
        return;
    }
    const auto lease = base::find_variable(run.job.environment, "CCCI_LOCK_LEASE").value_or("0");
    const base::Output said = base::run_and_capture(
        {.argv = {base::internal_program("cc-ci-keeper"), "join", "--domain=" + domain,
                  "--lease=" + lease, "--run=" + run.job.run_id},
         .death_signal = SIGKILL});
    if (!said.status.success()) {
        throw std::runtime_error{fmt::format("lock {} for all hosts: {}", domain,
                                             base::printable(base::trim(said.text), 300))};
    }
}

locks::LockSet take_locks(const RecipeRun& run, const std::set<std::string>& domains) {
    locks::LockSet locks = locks::acquire_all(
        run.job.config.lock_dir, domains, [](const std::string& domain, const locks::Busy& busy) {
            log("waiting for {}: {}", domain,
                locks::describe(busy.holder, std::chrono::system_clock::now()));
        });
    const locks::Holder holder = holder_of(run);
    for (const auto& [domain, lock] : locks) {
        lock.write_holder(holder);
        join_for_all_hosts(run, domain);
    }
    return locks;
}

/// Of a run that did not get as far as its teardown.
void make_clean_slate(const RecipeRun& run, const std::string& domain) {
    const platform::TeardownReport report =
        platform::make_platform(run.job.config)
            ->teardown(domain, std::chrono::steady_clock::now() + run.job.config.teardown_budget);
    if (!report.clean()) {
        throw std::runtime_error{fmt::format("tear down {}, which is left of an earlier run: {}",
                                             domain, base::join(report.left, "; "))};
    }
    if (!report.removed.empty()) {
        log("{} was left of an earlier run: {}", domain, report.summary());
    }
}

JobContext context_of(const RecipeRun& run, const Dependency& dependency,
                      const std::string& domain) {
    JobContext job = run.job;
    job.recipe = dependency.recipe;
    job.ref = dependency.ref;
    job.pull_request.clear();
    job.source.clear();
    job.stages = {naming::Tier::fetch};
    job.skip_fetch = false;
    job.run_dir = run.tree.dependency(dependency.recipe);
    job.domain = domain;
    return job;
}

/// Its own would need locks that are taken by then.
void expect_no_others(const RecipeRun& run, const RecipeRun& dependency) {
    for (const Dependency& further : dependency.settings.dependencies) {
        const bool is_there =
            std::ranges::any_of(run.results.dependencies, [&](const DependencyResult& each) {
                return each.recipe == further.recipe && each.outcome == Outcome::pass;
            });
        if (!is_there) {
            throw RecipeError{
                fmt::format("it needs {}, which must stand before it", further.recipe)};
        }
    }
}

/// Where it answers.
std::string deploy(RecipeRun& run, const Dependency& dependency, DependencyResult& result) {
    const std::filesystem::path copy = run.job.config.abra_dir / "recipes" / dependency.recipe;
    if (!std::filesystem::is_directory(copy)) {
        throw RecipeError{fmt::format("no recipe at {}", copy.native())};
    }
    const JobContext job = context_of(run, dependency, result.domain);
    std::filesystem::create_directories(job.run_dir);
    RecipeRun own = make_run(job);
    own.is_dependency = true;
    base::set_variable(own.environment, "CCCI_DEPS_FILE", run.tree.deps().native());
    (void)run_fetch(own, own.results.of(naming::Tier::fetch));
    result.commit = own.results.commit;
    expect_no_others(run, own);
    bring_up(own);
    return own.url;
}

void announce(RecipeRun& run, const std::vector<DeployedDependency>& done) {
    write_deps_file(run.tree, done);
    const std::string name = dependency_variable(done.back().recipe);
    base::set_variable(run.environment, name + "_URL", done.back().url);
    base::set_variable(run.environment, name + "_DOMAIN", done.back().domain);
}

/// Fills in the results.
std::set<std::string> choose_domains(RecipeRun& run) {
    std::set<std::string> domains;
    for (const Dependency& each : run.settings.dependencies) {
        const std::string domain = domain_for(run, each);
        // Names are hashes, and to wait for a lock that is our own would be for ever.
        if (domain == run.job.domain || !domains.insert(domain).second) {
            throw RecipeError{fmt::format(
                "dependency {}: its domain {} is another app's of this run", each.recipe, domain)};
        }
        run.results.dependencies.push_back({.recipe = each.recipe, .domain = domain, .commit = {}});
    }
    return domains;
}

std::vector<DeployedDependency> planned(const RecipeRun& run) {
    std::vector<DeployedDependency> list;
    for (const DependencyResult& each : run.results.dependencies) {
        list.push_back({each.recipe, each.domain, ""});
    }
    return list;
}

}  // namespace

void deploy_dependencies(RecipeRun& run) {
    std::vector<DeployedDependency> done;
    write_deps_file(run.tree, done);
    if (run.settings.dependencies.empty()) {
        return;
    }
    const std::set<std::string> domains = choose_domains(run);
    // Before anything is there: whatever becomes of this job, a teardown knows where to look.
    write_teardown_list(run.tree, planned(run));
    base::fail_point("recipe.dependencies-listed");
    run.dependency_locks = take_locks(run, domains);
    base::fail_point("recipe.dependencies-locked");
    for (std::size_t at = 0; at < run.settings.dependencies.size(); ++at) {
        const Dependency& dependency = run.settings.dependencies[at];
        DependencyResult& result = run.results.dependencies[at];
        log("dependency {} at {}", dependency.recipe, result.domain);
        make_clean_slate(run, result.domain);
        try {
            const std::string url = deploy(run, dependency, result);
            done.push_back({dependency.recipe, result.domain, url});
        } catch (const RecipeError& error) {
            result.outcome = Outcome::fail;
            throw RecipeError{fmt::format("dependency {}: {}", dependency.recipe, error.what())};
        }
        result.outcome = Outcome::pass;
        announce(run, done);
        save(run);
    }
}

}  // namespace ccci::recipe
