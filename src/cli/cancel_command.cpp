#include <fmt/format.h>
#include <signal.h>
#include <unistd.h>

#include <cstdio>
#include <memory>

#include "cli/commands.hpp"
#include "cli/find_run.hpp"
#include "cli/print.hpp"
#include "cli/programs.hpp"
#include "launch/stop_run.hpp"

namespace ccci::cli {

namespace {

struct CancelOptions {
    std::string run;
    bool no_wait = false;
};

int cancel(const Context& context, const CancelOptions& options) {
    const FoundRun found = find_run(context.config(), options.run, Meant::live);
    const auto& [dir, record, owner] = found;
    const run::StopOrder order{run::StopCause::cancelled,
                               fmt::format("cancelled by {} with cc-ci cancel", user_name())};
    become_owner(found);
    launch::StopResult result{};
    if (options.no_wait) {
        result = launch::stop_run(dir, record, order);
    } else {
        event::Loop loop;
        result = launch::stop_run_and_wait(loop, dir, record, order);
    }
    if (result == launch::StopResult::already_over) {
        print(stderr, "cc-ci: run {} is over already\n", record.run);
        return 0;
    }
    const auto after = dir.read();
    if (!options.no_wait && after && after->verdict) {
        print(stderr, "cc-ci: run {}: {}{}\n", record.run, run::to_string(after->verdict->kind),
              after->clean.value_or(true) ? "" : ", TEARDOWN INCOMPLETE");
    } else {
        print(stderr, "cc-ci: run {} was told to stop\n", record.run);
    }
    return 0;
}

}  // namespace

Action add_cancel(CLI::App& program) {
    auto options = std::make_shared<CancelOptions>();
    CLI::App* command =
        program.add_subcommand("cancel", "Stop a run; its teardown runs, and is waited for");
    command->add_option("RUN", options->run, "Run id, or the domain of a run")
        ->required()
        ->type_name("");
    command->add_flag("--no-wait", options->no_wait, "Return at once");
    return [options](const Context& context) { return cancel(context, *options); };
}

}  // namespace ccci::cli
