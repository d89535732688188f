#include "launch/stop_run.hpp"

#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>

#include "base/os_error.hpp"
#include "base/unique_fd.hpp"
#include "systemd/manager.hpp"

namespace ccci::launch {

namespace {

using namespace std::chrono_literals;

/// False: that very process is gone.
bool terminate(const std::optional<run::ProcessId>& process) {
    if (!process) {
        return false;
    }
    // The pidfd first, then the look at the start time: what it names cannot change any more.
    const base::UniqueFd pidfd{static_cast<int>(::syscall(SYS_pidfd_open, process->pid, 0))};
    if (!pidfd || !process->is_alive()) {
        return false;
    }
    if (::syscall(SYS_pidfd_send_signal, pidfd.get(), SIGTERM, nullptr, 0) != 0) {
        if (errno == ESRCH) {
            return false;
        }
        base::throw_errno(errno, "signal process {}", process->pid);
    }
    return true;
}

bool is_service(const run::Record& record) {
    return record.unit.ends_with(".service");
}

/// False: there is no such unit. PID 1 is off the bus while it re-executes itself: asking once more
/// does no harm.
bool stop_surely(systemd::Which which, const std::string& unit) {
    for (auto pause = 50ms;; pause *= 2) {
        try {
            return systemd::Manager::connect(which).stop(unit);
        } catch (const systemd::NoAnswer&) {
            if (pause > 1600ms) {
                throw;
            }
        }
        (void)::poll(nullptr, 0, static_cast<int>(pause.count()));
    }
}

systemd::Which which(const run::Record& record) {
    return record.manager == "user" ? systemd::Which::user : systemd::Which::system;
}

}  // namespace

StopResult stop_run(const run::RunDir& dir, const run::Record& record,
                    const run::StopOrder& order) {
    if (record.state == run::State::ended) {
        return StopResult::already_over;
    }
    dir.order_stop(order);
    if (record.state == run::State::waiting || record.state == run::State::starting) {
        if (terminate(record.step)) {
            return StopResult::asked;
        }
    }
    if (is_service(record)) {
        return stop_surely(which(record), record.unit) ? StopResult::asked
                                                       : StopResult::already_over;
    }
    return terminate(record.harness) ? StopResult::asked : StopResult::already_over;
}

StopResult stop_run_and_wait(event::Loop& loop, const run::RunDir& dir, const run::Record& record,
                             const run::StopOrder& order) {
    const bool is_unit = is_service(record) && record.state != run::State::waiting &&
                         record.state != run::State::ended;
    if (is_unit) {
        // The stop job is over when the unit is inactive or failed.
        auto manager = systemd::Manager::connect(which(record));
        manager.attach(
            loop,
            [&](const std::string&, const std::string& unit, const std::string&) {
                if (unit == record.unit) {
                    loop.stop();
                }
            },
            [&] { loop.stop(); });
        dir.order_stop(order);
        if (!manager.stop(record.unit)) {
            return StopResult::already_over;
        }
        loop.run();
        return StopResult::asked;
    }
    const std::optional<run::ProcessId>& process =
        record.state == run::State::waiting ? record.step : record.harness;
    const base::UniqueFd pidfd{
        process ? static_cast<int>(::syscall(SYS_pidfd_open, process->pid, 0)) : -1};
    if (stop_run(dir, record, order) == StopResult::already_over || !pidfd) {
        return StopResult::already_over;
    }
    const event::Source gone =
        loop.on_io(pidfd.get(), EPOLLIN, [&](std::uint32_t) { loop.stop(); });
    loop.run();
    return StopResult::asked;
}

bool is_carried(const run::Record& record) {
    switch (record.state) {
        case run::State::ended:
            return false;
        case run::State::waiting:
        case run::State::starting:
            return record.step && record.step->is_alive();
        case run::State::running:
        case run::State::tearing_down:
            break;
    }
    if ((record.harness && record.harness->is_alive()) ||
        (record.step && record.step->is_alive())) {
        return true;
    }
    if (!is_service(record)) {
        return false;
    }
    // The harness is dead, but ExecStopPost may be at work.
    try {
        const auto state = systemd::Manager::connect(which(record)).state(record.unit);
        return state && !state->is_over();
    } catch (const systemd::ManagerError&) {
        return false;
    }
}

}  // namespace ccci::launch
