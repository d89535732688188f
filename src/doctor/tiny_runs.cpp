#include "doctor/tiny_runs.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include "base/process.hpp"
#include "base/user.hpp"

namespace ccci::doctor {

namespace {

using namespace std::chrono_literals;

/// For the runs that are to end by themselves: should nobody be left to end them.
constexpr auto k_backstop = 20s;

// The pipes are open on the other side, so no echo waits for a reader. What is read is written by
// the self-test alone.
constexpr const char* k_pinning_job = R"(echo up >"$DOCTOR/pinning.up"; exec sleep 60)";
constexpr const char* k_pinning_teardown =
    R"(echo down >"$DOCTOR/pinning.down"; read -r go <"$DOCTOR/pinning.go")";
constexpr const char* k_deadline_job = "exec sleep 60";
// Twice away from the job, in a session of its own where setsid(1) is there, and deaf.
constexpr const char* k_kill_job = R"(
( ( trap '' TERM HUP INT
    exec $(command -v setsid) sh -c 'echo $$ >"$DOCTOR/kill.up"; exec sleep 60' ) & )
read -r go <"$DOCTOR/kill.go"
)";

const char* script_of(TinyRun run) {
    switch (run) {
        case TinyRun::pinning:
            return k_pinning_job;
        case TinyRun::deadline:
            return k_deadline_job;
        case TinyRun::kill:
            break;
    }
    return k_kill_job;
}

}  // namespace

std::string to_string(TinyRun run) {
    switch (run) {
        case TinyRun::pinning:
            return "pinning";
        case TinyRun::deadline:
            return "deadline";
        case TinyRun::kill:
            break;
    }
    return "kill";
}

std::string run_id(TinyRun run, pid_t self_test) {
    return fmt::format("doctor-{}-{}", self_test, to_string(run));
}

std::string unit_pattern(pid_t self_test) {
    return fmt::format("cc-ci-run-doctor-{}-*", self_test);
}

std::string domain_of(TinyRun run) {
    return to_string(run) + ".doctor.invalid";
}

launch::Order order_of(TinyRun run, pid_t self_test, const std::filesystem::path& directory,
                       const std::vector<std::string>& environment,
                       std::chrono::microseconds deadline) {
    launch::Order order;
    order.lock_dir = directory / "locks";
    order.runs_dir = directory / "runs";
    order.wanted_id = run_id(run, self_test);
    order.domain = domain_of(run);
    order.label = "doctor";
    order.user = base::user_name(::geteuid());
    order.wait_timeout = 0us;
    order.request.job = {
        .argv = {"/bin/sh", "-c", script_of(run)}, .environment = environment, .directory = "/"};
    base::set_variable(order.request.job.environment, "DOCTOR", directory.native());
    if (run == TinyRun::pinning) {
        order.request.teardown = order.request.job;
        order.request.teardown->argv[2] = k_pinning_teardown;
    }
    order.request.deadline = run == TinyRun::deadline ? deadline : k_backstop;
    order.request.teardown_budget = 5s;
    order.request.stop_grace = 100ms;
    return order;
}

}  // namespace ccci::doctor
