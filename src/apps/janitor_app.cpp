#include "apps/janitor_app.hpp"

#include <fmt/format.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>

#include "base/files.hpp"
#include "base/os_error.hpp"
#include "base/process.hpp"
#include "janitor/janitor.hpp"
#include "janitor/pass_json.hpp"
#include "janitor/reapers.hpp"
#include "lease/domains.hpp"
#include "log/log.hpp"
#include "platform/platform.hpp"
#include "run/tally.hpp"
#include "run/verdict.hpp"

namespace ccci::apps {

namespace {

struct Options {
    janitor::Options pass;
    std::string only;
    bool json = false;
    bool is_part = false;    ///< of the pass of another, which counts it
    bool is_locked = false;  ///< whoever called us holds the domain for all hosts
};

std::string line_of(const janitor::Outcome& outcome, bool dry_run) {
    std::string line = fmt::format("{}: {}{}: {}", outcome.action.domain, dry_run ? "would " : "",
                                   to_string(outcome.action.act), outcome.action.evidence);
    if (!outcome.report.empty()) {
        line += fmt::format("; {}", outcome.report);
    }
    if (!outcome.done) {
        line += "; NOT DONE";
    }
    return line;
}

/// For what a reaper does beside its teardown.
constexpr std::chrono::seconds k_margin{30};

/// This very program, for one domain.
base::Command reaper_of(const std::string& domain) {
    return {.argv = {base::own_program(), "janitor", "--json", "--part", "--domain", domain}};
}

bool is_for_several_hosts(const run::Config& config) {
    return config.lock.engine == run::LockEngine::etcd;
}

janitor::ClusterView ask_cluster() {
    try {
        return janitor::ClusterView::of(
            lease::ask_for_domains({.argv = {base::internal_program("cc-ci-keeper"), "list"}}));
    } catch (const std::exception& error) {
        return {.holders = {}, .unfinished = {}, .problem = error.what()};
    }
}

/// A part of a pass, under the domain's lock of all hosts. Prints what the part that does it says.
int run_locked(const std::string& domain) {
    base::Command command = reaper_of(domain);
    command.argv.emplace_back("--locked");
    const std::vector<std::string> keeper{base::internal_program("cc-ci-keeper"), "with",
                                          "--domain=" + domain, "--run=janitor", "--"};
    command.argv.insert(command.argv.begin(), keeper.begin(), keeper.end());
    command.err = STDERR_FILENO;
    command.death_signal = SIGKILL;
    const base::Output said = base::run_and_capture(command);
    std::string text = said.text;
    if (said.status.code == run::exit_code::not_acquired) {
        const janitor::Pass pass{.outcomes = {{.action = {domain, janitor::Act::leave,
                                                          "another host has just taken it"}}},
                                 .problems = {}};
        text = to_json(pass).dump();
    } else if (text.empty()) {
        const janitor::Pass pass{
            .outcomes = {{.action = {domain, janitor::Act::reap, "nobody held the lock"},
                          .done = false,
                          .report = "the lock of all hosts could not be had or kept: " +
                                    describe(said.status)}},
            .problems = {}};
        text = to_json(pass).dump();
    }
    base::write_all(STDOUT_FILENO, text + "\n", "standard output");
    return said.status.success() ? 0 : 1;
}

/// For whoever holds the domain for us and gives it back: whether nothing of it is left.
bool leaves_nothing(const janitor::Pass& pass) {
    return pass.is_complete() &&
           std::ranges::all_of(pass.outcomes, [](const janitor::Outcome& outcome) {
               return outcome.action.act == janitor::Act::reap ||
                      outcome.action.act == janitor::Act::unlink_only;
           });
}

run::JanitorTally tally_of(const janitor::Pass& pass, bool of_whole_host) {
    run::JanitorTally tally;
    if (of_whole_host) {
        tally.passes = 1;
        tally.incomplete = pass.is_complete() ? 0 : 1;
        tally.last_pass = std::chrono::system_clock::now();
    }
    for (const janitor::Outcome& outcome : pass.outcomes) {
        if (outcome.action.act == janitor::Act::reap) {
            ++(outcome.done ? tally.reaped : tally.not_reaped);
        }
    }
    return tally;
}

/// A pass is none the worse for not being counted.
void count_pass(const run::Config& config, const janitor::Pass& pass, const Options& options) {
    if (options.is_part || options.pass.dry_run) {
        return;
    }
    try {
        run::count_janitor(config.state_dir, tally_of(pass, !options.pass.only));
    } catch (const std::exception& error) {
        log::make_log()->warn("pass not counted for the metrics: {}", error.what());
    }
}

int run_janitor(const run::Config& config, Options options) {
    if (!options.only.empty()) {
        options.pass.only = run::check_domain(options.only);
    }
    if (is_for_several_hosts(config) && !options.is_locked) {
        if (options.is_part) {
            return run_locked(*options.pass.only);
        }
        options.pass.cluster = ask_cluster();
    }
    options.pass.defer_reaps = !options.pass.only || options.pass.cluster;
    const auto tell = [&](const janitor::Outcome& outcome) {
        if (!options.json) {
            fmt::print("{}\n", line_of(outcome, options.pass.dry_run));
        }
    };
    // What a teardown's commands print goes to stdout, which is no place for it beside JSON.
    const base::UniqueFd out = base::duplicate(STDOUT_FILENO);
    if (options.json && ::dup2(STDERR_FILENO, STDOUT_FILENO) < 0) {
        base::throw_errno(errno, "replace stdout");
    }
    const auto platform = platform::make_platform(config);
    janitor::Pass pass = janitor::make_pass(config, platform.get(), options.pass, tell);
    // From here on there may be minutes between two lines.
    (void)std::fflush(stdout);
    const auto tell_at_once = [&](const janitor::Outcome& outcome) {
        tell(outcome);
        (void)std::fflush(stdout);
    };
    janitor::reap_apart(pass.deferred, reaper_of, config.teardown_budget + k_margin, pass,
                        tell_at_once);
    count_pass(config, pass, options);
    if (options.json) {
        const auto text =
            to_json(pass).dump(2, ' ', false, nlohmann::json::error_handler_t::replace);
        base::write_all(out.get(), text + "\n", "standard output");
    } else if (pass.outcomes.empty() && pass.problems.empty()) {
        fmt::print("nothing to do\n");
    }
    for (const std::string& problem : pass.problems) {
        log::make_log()->warn("janitor pass incomplete: {}", problem);
    }
    if (options.is_locked) {
        return leaves_nothing(pass) ? 0 : 1;
    }
    return pass.is_complete() ? 0 : 1;
}

}  // namespace

program::Action add_janitor(CLI::App& program) {
    auto options = std::make_shared<Options>();
    CLI::App* command = program.add_subcommand("janitor");
    command->add_option("--domain", options->only);
    command->add_flag("--dry-run", options->pass.dry_run);
    command->add_flag("--json", options->json);
    command->add_flag("--part", options->is_part);
    command->add_flag("--locked", options->is_locked);
    return [options](const run::Config& config, const std::vector<std::string>&) {
        return run_janitor(config, *options);
    };
}

}  // namespace ccci::apps
