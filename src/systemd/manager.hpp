#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "event/loop.hpp"
#include "systemd/transient_unit.hpp"

namespace ccci::systemd {

enum class Which { system, user };

/// systemd could not be reached, or refused. The text is one line.
class ManagerError : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// The call got no answer, because the bus or systemd itself was going away (dbus was restarted,
/// PID 1 re-executed itself): whether it took effect can only be found out by asking again.
class NoAnswer : public ManagerError {
public:
    using ManagerError::ManagerError;
};

/// The bus itself took no more for that manager, so the call had no effect. dbus-daemon holds back
/// 64 descriptors for a receiver (dbus-daemon(1), max_outgoing_unix_fds), and each start passes
/// two: a crowd of starts gets there while PID 1 is busy.
class Overloaded : public NoAnswer {
public:
    using NoAnswer::NoAnswer;
};

/// Where the bus of that manager listens: fixed places, never what the environment says, since a
/// step's environment is its pull request's author's.
std::string bus_address(Which which);

/// True when this host's PID 1 (or the caller's user manager) is there to be asked.
bool is_available(Which which);

/// A connection to a service manager. Calls block, for 30 s at the most. Signals arrive through the
/// loop. A connection that breaks does no harm to any unit: connect again and ask.
class Manager {
public:
    /// Throws ManagerError.
    static Manager connect(Which which);
    static Manager connect(const std::string& address);

    Manager(Manager&&) noexcept;
    Manager& operator=(Manager&&) noexcept;
    Manager(const Manager&) = delete;
    Manager& operator=(const Manager&) = delete;
    ~Manager();

    /// A job of some unit is over; `result` is "done", "canceled", "timeout", "failed", ...
    /// (org.freedesktop.systemd1, JobRemoved). May be called before the start that made the job
    /// has returned its path: compare units, not jobs, or remember both.
    using OnJobRemoved = std::function<void(const std::string& job, const std::string& unit,
                                            const std::string& result)>;

    /// Delivers signals from now on; systemd sends them to whoever started a job, without a
    /// subscription. `on_lost`: the bus is gone, or systemd from it; nothing more will come.
    void attach(event::Loop& loop, OnJobRemoved on_job_removed, std::function<void()> on_lost);

    /// After attach(): tells of every unit that systemd forgets, as it does with a transient one
    /// that is over. Throws ManagerError.
    void follow_units(std::function<void(const std::string& unit)> on_removed);

    /// Asks for the start (mode "fail") and returns the job's path. Throws NoAnswer, or
    /// ManagerError if refused.
    std::string start(const TransientService& service);
    std::string start(const TransientScope& scope);

    /// Asks for a stop (mode "replace"). False when there is no such unit. Throws as start() does.
    bool stop(const std::string& unit);

    /// nullopt when there is no such unit.
    std::optional<UnitState> state(const std::string& unit);

    /// The manager's own cgroup; empty or "/" for the root of the hierarchy.
    std::string control_group();

    /// Loaded units whose name matches a shell pattern.
    std::vector<ListedUnit> list(const std::string& pattern);

private:
    struct Connection;
    explicit Manager(std::unique_ptr<Connection> connection);

    std::unique_ptr<Connection> connection_;
};

}  // namespace ccci::systemd
