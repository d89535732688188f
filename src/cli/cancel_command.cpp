#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "base/user.hpp"
#include "cli/commands.hpp"
#include "cli/find_run.hpp"
#include "cli/print.hpp"
#include "cli/programs.hpp"
#include "cli/stop_runs.hpp"
#include "run/usage_error.hpp"

namespace ccci::cli {

namespace {

using nlohmann::json;

struct CancelOptions {
    std::vector<std::string> names;
    bool all = false;
    bool no_wait = false;
    bool json = false;
};

std::vector<inspect::FoundRun> runs_to_cancel(const run::Config& config,
                                              const CancelOptions& options) {
    if (options.all != options.names.empty()) {
        throw run::UsageError{options.all ? "cancel: --all excludes RUN"
                                          : "cancel: which run? Its id, its domain, or --all"};
    }
    if (options.all) {
        return find_all_live_runs(config);
    }
    std::vector<inspect::FoundRun> runs;
    for (const std::string& name : options.names) {
        for (inspect::FoundRun& found : find_runs_to_stop(config, name)) {
            const bool twice = std::any_of(
                runs.begin(), runs.end(),
                [&](const inspect::FoundRun& one) { return one.record.run == found.record.run; });
            if (!twice) {
                runs.push_back(std::move(found));
            }
        }
    }
    return runs;
}

/// What is said of it after "run 267".
std::string outcome_of(const Stopped& stopped, const std::optional<run::Record>& after) {
    switch (stopped.result) {
        case Stopped::Result::already_over:
            return " is over already";
        case Stopped::Result::failed:
            return ": " + stopped.error;
        case Stopped::Result::asked:
            break;
        case Stopped::Result::over:
            if (after && after->verdict) {
                return ": " + run::to_string(after->verdict->kind) +
                       (after->clean.value_or(true) ? "" : ", TEARDOWN INCOMPLETE");
            }
            break;
    }
    return " was told to stop";
}

std::string name_of(Stopped::Result result) {
    switch (result) {
        case Stopped::Result::over:
            return "over";
        case Stopped::Result::already_over:
            return "over already";
        case Stopped::Result::asked:
            return "asked";
        case Stopped::Result::failed:
            break;
    }
    return "failed";
}

json to_json(const Stopped& stopped, const std::optional<run::Record>& after) {
    const run::Record& record = stopped.run.record;
    json out{{"run", record.run},
             {"domain", record.domain},
             {"user", base::user_name(stopped.run.owner)},
             {"result", name_of(stopped.result)}};
    if (!stopped.error.empty()) {
        out["error"] = stopped.error;
    }
    if (after && after->verdict) {
        out["verdict"] = run::to_string(after->verdict->kind);
        if (after->clean) {
            out["clean"] = *after->clean;
        }
    }
    return out;
}

int cancel(const Context& context, const CancelOptions& options) {
    std::vector<inspect::FoundRun> runs = runs_to_cancel(context.config(), options);
    const bool single = runs.size() == 1;
    if (runs.empty() && !options.json) {
        print(stderr, "cc-ci: no run is alive\n");
    }
    const run::StopOrder order{run::StopCause::cancelled,
                               fmt::format("cancelled by {} with cc-ci cancel", user_name())};
    json results = json::array();
    std::string error;
    stop_runs(std::move(runs), order, !options.no_wait, [&](const Stopped& stopped) {
        const auto after = inspect::read_visible(stopped.run.dir);
        results.push_back(to_json(stopped, after));
        if (stopped.result == Stopped::Result::failed) {
            error = stopped.error;
        }
        if (!options.json && !(single && !error.empty())) {
            print(stderr, "cc-ci: run {}{}\n", stopped.run.record.run, outcome_of(stopped, after));
        }
    });
    if (options.json) {
        const json whole{{"version", 1}, {"runs", results}};
        print(stdout, "{}\n", whole.dump(2, ' ', false, json::error_handler_t::replace));
    }
    if (single && !error.empty()) {
        throw std::runtime_error{error};
    }
    return error.empty() ? 0 : 1;
}

}  // namespace

Action add_cancel(CLI::App& program) {
    auto options = std::make_shared<CancelOptions>();
    CLI::App* command = program.add_subcommand("cancel");
    command->add_option("RUN", options->names)->type_name("");
    command->add_flag("--all", options->all);
    command->add_flag("--no-wait", options->no_wait);
    command->add_flag("--json", options->json);
    return [options](const Context& context) { return cancel(context, *options); };
}

}  // namespace ccci::cli
