#include "apps/janitor_app.hpp"

#include <fmt/format.h>
#include <unistd.h>

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
#include "log/log.hpp"
#include "platform/platform.hpp"
#include "run/tally.hpp"

namespace ccci::apps {

namespace {

struct Options {
    janitor::Options pass;
    std::string only;
    bool json = false;
    bool is_part = false;  ///< of the pass of another, which counts it
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
    options.pass.defer_reaps = !options.pass.only;
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
    return [options](const run::Config& config, const std::vector<std::string>&) {
        return run_janitor(config, *options);
    };
}

}  // namespace ccci::apps
