#include "launch/stop_run.hpp"

#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

#include "base/descendants.hpp"
#include "base/os_error.hpp"
#include "base/unique_fd.hpp"
#include "systemd/ask_surely.hpp"

namespace ccci::launch {

namespace {

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

systemd::Which which(const run::Record& record) {
    return record.manager == "user" ? systemd::Which::user : systemd::Which::system;
}

enum class UnitStop { no_such_unit, over, bus_lost };

/// Follows the stop job, which is over when the unit is inactive or failed.
UnitStop stop_unit(event::Loop& loop, systemd::Which which, const std::string& unit) {
    bool over = false;
    auto manager = systemd::Manager::connect(which);
    manager.attach(
        loop,
        [&](const std::string&, const std::string& of, const std::string&) {
            if (of == unit) {
                over = true;
                loop.stop();
            }
        },
        [&] { loop.stop(); });
    if (!manager.stop(unit)) {
        return UnitStop::no_such_unit;
    }
    loop.run();
    return over ? UnitStop::over : UnitStop::bus_lost;
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
        const bool stopping = systemd::ask_surely(
            [&] { return systemd::Manager::connect(which(record)).stop(record.unit); });
        return stopping ? StopResult::asked : StopResult::already_over;
    }
    return terminate(record.harness) ? StopResult::asked : StopResult::already_over;
}

StopResult stop_run_and_wait(event::Loop& loop, const run::RunDir& dir, const run::Record& record,
                             const run::StopOrder& order) {
    const bool is_unit = is_service(record) && record.state != run::State::waiting &&
                         record.state != run::State::ended;
    if (is_unit) {
        dir.order_stop(order);
        for (bool asked = false;; asked = true) {
            switch (
                systemd::ask_surely([&] { return stop_unit(loop, which(record), record.unit); })) {
                case UnitStop::no_such_unit:
                    return asked ? StopResult::asked : StopResult::already_over;
                case UnitStop::over:
                    return StopResult::asked;
                case UnitStop::bus_lost:
                    break;  // the unit is still stopping: another job of the kind joins the first
            }
        }
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

std::optional<bool> is_carried_by_processes(const run::Record& record) {
    const bool has_step = record.step && record.step->is_alive();
    switch (record.state) {
        case run::State::ended:
            return false;
        case run::State::waiting:
        case run::State::starting:
            return has_step;
        case run::State::running:
        case run::State::tearing_down:
            break;
    }
    if (has_step || (record.harness && record.harness->is_alive())) {
        return true;
    }
    const bool is_of_this_boot =
        !record.harness || record.harness->boot.empty() || record.harness->boot == base::boot_id();
    if (!is_service(record) || !is_of_this_boot) {
        return false;
    }
    return std::nullopt;
}

bool is_carried(const run::Record& record) {
    if (const auto known = is_carried_by_processes(record)) {
        return *known;
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
