#include "launch/service_carrier.hpp"

#include <fmt/format.h>

#include "base/fail_point.hpp"
#include "base/process.hpp"
#include "harness/end_entry.hpp"
#include "systemd/ask_surely.hpp"

namespace ccci::launch {

ServiceCarrier::ServiceCarrier(systemd::Which which)
    : which_{which}, manager_{systemd::Manager::connect(which)} {}

std::string ServiceCarrier::unit_name(const std::string& run) const {
    return fmt::format("cc-ci-run-{}.service", run);
}

std::string ServiceCarrier::manager() const {
    return which_ == systemd::Which::system ? "system" : "user";
}

void ServiceCarrier::start(const Load& load, base::UniqueFd link,
                           std::optional<locks::DomainLock> lock) {
    const std::string program = base::internal_program("cc-ci-harness");
    unit_ = load.unit;
    systemd::TransientService service{
        .name = load.unit,
        .description = load.description,
        .slice = "cc-ci.slice",
        .exec_start = {program},
        .exec_stop_post = {program, "--post", load.dir.path()},
        .log_fields = {"CC_CI_RUN=" + load.request.run},
        .runtime_max = load.request.deadline,
        .timeout_stop = load.request.teardown_budget,
        .limits = load.limits,
        .stdin_fd = lock ? lock->fd() : -1,
        .stdout_fd = link.get(),
    };
    if (which_ == systemd::Which::system) {
        // When the host goes down the teardown still finds them.
        service.after = {"docker.service", "network-online.target"};
    }
    if (!load.request.domain.empty()) {
        service.log_fields.push_back("CC_CI_DOMAIN=" + load.request.domain);
    }
    base::fail_point("step.before-start");
    try {
        start_surely(service);
    } catch (...) {
        if (lock && !lock->had_predecessor()) {
            // Not unlinked: after a timeout the unit may live, and hold this very file.
            lock->clear_holder();
        }
        throw;
    }
    // From here on PID 1 holds both, and our copies of them end with this call. Nothing more is
    // expected from the bus: the link ends when the unit does, also when it never began (seen for
    // a start job that was cancelled, on systemd 252 and 257).
    manager_.reset();
}

void ServiceCarrier::start_surely(const systemd::TransientService& service) {
    systemd::ask_surely([&] {
        try {
            if (!manager_) {
                manager_ = systemd::Manager::connect(which_);
                if (manager_->state(service.name)) {
                    // Ours: the start had been accepted, and its harness waits for the request,
                    // which nobody has sent yet.
                    return;
                }
            }
            (void)manager_->start(service);
        } catch (const systemd::NoAnswer&) {
            manager_.reset();
            throw;
        }
    });
}

void ServiceCarrier::stop() {
    try {
        (void)systemd::Manager::connect(which_).stop(unit_);
    } catch (const systemd::ManagerError&) {
        // The link has carried the cancel already, and its end will, should we die.
    }
}

void ServiceCarrier::finish(const run::RunDir& dir, bool told, bool cancelled,
                            const std::function<void(link::Kind, std::string_view)>& tell) {
    // Whoever finishes a run removes its request at the very end, when all is written down.
    const std::optional<run::Request> request = dir.try_read_request();
    run::Record record = dir.read().value_or(run::Record{});
    const bool ended = record.state == run::State::ended && record.verdict;
    if (!request && (told || ended)) {
        return;
    }
    if (!ended) {
        const std::string journal = fmt::format(
            "journalctl {} {}", which_ == systemd::Which::user ? "--user-unit" : "-u", unit_);
        // ExecStopPost was killed, too, or the unit never ran.
        const bool harness_lived = record.harness.has_value();
        if (!record.verdict) {
            // Who stops a unit whose start is pending leaves an order, and does not ask the step.
            const auto order = dir.read_stop_order();
            record.verdict = order && !harness_lived
                                 ? run::decide({.stop = run::Stop{order->cause, order->reason}})
                                 : run::decide_without_a_word(harness_lived, cancelled, journal);
            tell(link::Kind::line, record.verdict->reason);
        } else {
            tell(link::Kind::line, fmt::format("ExecStopPost was killed, too: {}", journal));
        }
        if (harness_lived && request && request->teardown) {
            record.clean = false;
        }
        record.state = run::State::ended;
        record.phase = "";
        record.ended = std::chrono::system_clock::now();
        (void)dir.try_write(record);
    }
    harness::log_end(record);
    dir.remove_request();
}

}  // namespace ccci::launch
