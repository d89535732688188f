#include <signal.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string>
#include <string_view>
#include <vector>

#include "base/fail_point.hpp"
#include "base/text.hpp"
#include "event/loop.hpp"
#include "harness/harness.hpp"
#include "harness/stop_post.hpp"
#include "inside/inherited.hpp"
#include "link/channel.hpp"
#include "run/verdict.hpp"
#include "systemd/journal.hpp"
#include "systemd/journal_events.hpp"
#include "version.hpp"

// What a run's unit executes. Nobody calls it by hand: cc-ci has it started.
//
//   cc-ci-harness             the unit's main process
//   cc-ci-harness --scope     the same, where the job keeps the step's terminal
//   cc-ci-harness --post DIR  the unit's ExecStopPost, for the run with this directory
//   cc-ci-harness --version   which cc-ci it belongs to

namespace {

using namespace ccci;

int run_harness(inside::Place place) {
    event::Loop::block_signals({SIGTERM, SIGINT, SIGHUP, SIGCHLD});
    base::fail_point("harness.born");
    inside::Inherited inherited = inside::take_inherited(place);
    event::Loop loop;
    harness::Harness harness{loop, std::move(inherited.link), std::move(inherited.lock)};
    return harness.run();
}

std::string variable(const char* name) {
    const char* value = std::getenv(name);
    return value != nullptr ? value : "";
}

int run_stop_post(const std::string& directory) {
    base::fail_point("post.born");
    inside::Inherited inherited = inside::take_inherited(inside::Place::unit);
    // systemd.exec(5), "Environment variables set or propagated by the service manager"
    const run::UnitEnd end{.result = variable("SERVICE_RESULT"),
                           .exit_code = variable("EXIT_CODE"),
                           .exit_status = variable("EXIT_STATUS")};
    bool listening = true;
    harness::finish_for_harness(run::RunDir::open(directory), std::move(inherited.lock), end,
                                [&](link::Kind kind, std::string_view payload) {
                                    listening = listening &&
                                                link::send_now(inherited.link.get(), kind, payload,
                                                               std::chrono::seconds{2});
                                });
    // A failing ExecStopPost would turn a good unit into a failed one.
    return 0;
}

int act(const std::vector<std::string>& arguments) {
    if (arguments.empty()) {
        return run_harness(inside::Place::unit);
    }
    if (arguments == std::vector<std::string>{"--scope"}) {
        return run_harness(inside::Place::scope);
    }
    if (arguments.size() == 2 && arguments[0] == "--post") {
        return run_stop_post(arguments[1]);
    }
    if (arguments == std::vector<std::string>{"--version"}) {
        std::printf("cc-ci-harness %s\n", k_version);
        return 0;
    }
    std::fputs("cc-ci-harness: this program is for cc-ci to start\n", stderr);
    return run::exit_code::usage;
}

}  // namespace

int main(int argc, char** argv) {
    (void)::signal(SIGPIPE, SIG_IGN);
    try {
        return act({argv + 1, argv + argc});
    } catch (const std::exception& error) {
        // By now stderr is /dev/null, or the step's terminal.
        const std::string text = "cc-ci: " + base::printable(error.what(), 1000);
        systemd::send_to_journal(systemd::event_fields(systemd::Event::harness_failed, text));
        std::fprintf(stderr, "%s\n", text.c_str());
        return run::exit_code::internal;
    }
}
