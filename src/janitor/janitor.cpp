#include "janitor/janitor.hpp"

#include <fmt/format.h>

#include <map>
#include <optional>
#include <system_error>

#include "base/fail_point.hpp"
#include "locks/domain_lock.hpp"
#include "locks/lock_view.hpp"

namespace ccci::janitor {

namespace {

namespace fs = std::filesystem;
using std::chrono::system_clock;

struct Candidate {
    std::optional<std::string> app;  ///< the evidence of it
    bool lock_file = false;
};

struct Candidates {
    std::map<std::string, Candidate> domains;
    bool platform_known = false;
    std::vector<std::string> problems;
};

Candidates collect(const run::Config& config, platform::Platform* platform) {
    Candidates found;
    try {
        for (const fs::directory_entry& entry : fs::directory_iterator{config.lock_dir}) {
            if (const auto domain = locks::domain_of(entry.path())) {
                found.domains[*domain].lock_file = true;
            }
        }
    } catch (const fs::filesystem_error& error) {
        found.problems.push_back(
            fmt::format("lock directory {}: {}", config.lock_dir.native(), error.code().message()));
    }
    if (platform == nullptr) {
        return found;
    }
    try {
        for (const platform::App& app : platform->list(config.run_app_pattern)) {
            found.domains[app.domain].app = app.evidence;
        }
        found.platform_known = true;
    } catch (const std::exception& error) {
        found.problems.emplace_back(error.what());
    }
    return found;
}

/// A dry run takes no lock and creates no file: an app without a lock file is owned by nobody, as
/// far as can be seen.
void look(const run::Config& config, Facts& facts) {
    const auto fd = locks::open_lock_file(locks::lock_path(config.lock_dir, facts.domain));
    if (!fd) {
        facts.probe = Probe::acquired;
        return;
    }
    switch (locks::view_lock(fd->get())) {
        case locks::LockView::held:
            facts.probe = Probe::held;
            break;
        case locks::LockView::free:
            facts.probe = Probe::acquired;
            break;
        case locks::LockView::unknown:
            facts.probe = Probe::unseen;
            break;
    }
    facts.holder = locks::read_holder(fd->get());
}

/// The probe; keeps the lock in `lock` when nobody else has it.
void probe(const run::Config& config, bool dry_run, Facts& facts,
           std::optional<locks::DomainLock>& lock) {
    try {
        if (dry_run) {
            look(config, facts);
            return;
        }
        auto result = locks::DomainLock::try_acquire(config.lock_dir, facts.domain);
        if (auto* acquired = std::get_if<locks::DomainLock>(&result)) {
            facts.probe = Probe::acquired;
            facts.holder = locks::read_holder(acquired->fd());
            lock = std::move(*acquired);
        } else {
            facts.probe = Probe::held;
            facts.holder = std::get<locks::Busy>(result).holder;
        }
    } catch (const std::exception& error) {
        facts.probe = Probe::unusable;
        facts.probe_problem = error.what();
    }
}

void look_at_cluster(const Options& options, Facts& facts) {
    if (!options.cluster) {
        return;
    }
    facts.cluster_problem = options.cluster->problem;
    const auto holder = options.cluster->holders.find(facts.domain);
    if (holder != options.cluster->holders.end()) {
        facts.cluster_holder = holder->second;
    }
}

/// "No app" may be minutes old, if others were torn down since: a run may have deployed and died. A
/// second look while its lock is held is a fact; where nobody was ever named in the file, nobody
/// deployed.
bool needs_second_look(const Action& action, const std::optional<locks::DomainLock>& lock) {
    return action.act == Act::unlink_only && lock && locks::has_content(lock->fd());
}

void look_again(const run::Config& config, platform::Platform& platform, Facts& facts,
                std::vector<std::string>& problems) {
    try {
        for (const platform::App& app : platform.list(config.run_app_pattern)) {
            if (app.domain == facts.domain) {
                facts.app_exists = true;
                facts.app_evidence = app.evidence;
            }
        }
    } catch (const std::exception& error) {
        facts.platform_known = false;
        problems.emplace_back(error.what());
    }
}

void reap(const run::Config& config, platform::Platform& platform, const Facts& facts,
          locks::DomainLock lock, Outcome& outcome) {
    lock.write_holder(
        {.run = "janitor",
         .unit = "",
         .invocation = "",
         .user = "",
         .since = system_clock::now(),
         .until = system_clock::now() +
                  std::chrono::duration_cast<system_clock::duration>(config.teardown_budget)});
    base::fail_point("janitor.reaping");
    // What a teardown command starts outlives a janitor that is killed, and must not go on removing
    // while the next run deploys: until it has ended, that run waits. Where the janitor is a unit,
    // systemd kills it all.
    lock.share_with_programs();
    try {
        const platform::TeardownReport report = platform.teardown(
            outcome.action.domain, std::chrono::steady_clock::now() + config.teardown_budget);
        outcome.report = report.summary();
        outcome.done = report.clean();
    } catch (const std::exception& error) {
        outcome.report = error.what();
        outcome.done = false;
    }
    base::fail_point("janitor.torn-down");
    // A file that stays tells the next pass, and the next run, that something is left.
    if (outcome.done && !must_keep_file(facts)) {
        std::move(lock).release();
        return;
    }
    if (outcome.done) {
        lock.write_holder(*facts.holder);
    }
    std::move(lock).leave();
}

void perform(const run::Config& config, platform::Platform* platform, const Facts& facts,
             std::optional<locks::DomainLock> lock, Outcome& outcome) {
    switch (outcome.action.act) {
        case Act::reap:
            if (lock && platform != nullptr) {
                reap(config, *platform, facts, std::move(*lock), outcome);
            }
            break;
        case Act::unlink_only:
            if (lock) {
                std::move(*lock).release();
            }
            break;
        case Act::skip:
            outcome.done = false;
            if (lock && !facts.lock_file_exists) {
                std::move(*lock).release();  // the probe made it
            }
            break;
        case Act::ignore:
        case Act::leave:
        case Act::warn:
        case Act::keep_file:
        case Act::probe:
            break;
    }
}

/// Of these there is neither an app nor a lock file here. Whoever reaps one finds that so under its
/// lock of all hosts, and gives it back as what nothing is left of.
void add_unfinished(const run::Config& config, const Candidates& found, const Options& options,
                    Pass& pass) {
    if (!options.cluster || !options.defer_reaps || options.dry_run || !found.platform_known) {
        return;
    }
    for (const std::string& domain : options.cluster->unfinished) {
        const bool wanted = !options.only || domain == *options.only;
        if (wanted && !found.domains.contains(domain) && config.run_app_pattern.matches(domain)) {
            pass.deferred.push_back(domain);
        }
    }
}

}  // namespace

ClusterView ClusterView::of(const std::vector<lease::Domain>& domains) {
    ClusterView view;
    for (const lease::Domain& domain : domains) {
        if (!domain.claims.empty()) {
            view.holders.emplace(domain.name, domain.claims.front().claimant);
        } else if (!domain.own_teardown) {
            view.unfinished.insert(domain.name);
        }
    }
    return view;
}

bool Pass::is_complete() const {
    for (const Outcome& outcome : outcomes) {
        if (!outcome.done) {
            return false;
        }
    }
    return problems.empty();
}

Pass make_pass(const run::Config& config, platform::Platform* platform, const Options& options,
               const std::function<void(const Outcome&)>& tell) {
    Candidates found = collect(config, platform);
    Pass pass;
    pass.problems = std::move(found.problems);
    for (const auto& [domain, candidate] : found.domains) {
        if (options.only && domain != *options.only) {
            continue;
        }
        Facts facts{.domain = domain,
                    .is_run_app = config.run_app_pattern.matches(domain),
                    .app_exists = candidate.app.has_value(),
                    .platform_known = found.platform_known,
                    .app_evidence = candidate.app.value_or(""),
                    .lock_file_exists = candidate.lock_file};
        if (!is_probed(facts)) {
            continue;
        }
        base::fail_point("janitor.listed");
        std::optional<locks::DomainLock> lock;
        look_at_cluster(options, facts);
        if (!facts.cluster_holder) {
            probe(config, options.dry_run, facts, lock);
        }
        const auto decide = [&] { return plan(facts, system_clock::now(), 2 * config.deadline); };
        Outcome outcome{.action = decide()};
        if (platform != nullptr && needs_second_look(outcome.action, lock)) {
            look_again(config, *platform, facts, pass.problems);
            outcome.action = decide();
        }
        if (options.defer_reaps && !options.dry_run && outcome.action.act == Act::reap) {
            std::move(*lock).leave();
            pass.deferred.push_back(domain);
            continue;
        }
        if (!options.dry_run) {
            try {
                perform(config, platform, facts, std::move(lock), outcome);
            } catch (const std::exception& error) {
                outcome.done = false;
                outcome.report = error.what();
            }
        }
        tell(outcome);
        pass.outcomes.push_back(std::move(outcome));
    }
    add_unfinished(config, found, options, pass);
    return pass;
}

}  // namespace ccci::janitor
