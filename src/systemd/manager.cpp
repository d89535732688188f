#include "systemd/manager.hpp"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdint>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "base/files.hpp"
#include "base/text.hpp"
#include "systemd/sdbus_compat.hpp"

namespace ccci::systemd {

namespace {

using namespace std::chrono_literals;

constexpr const char* k_service = "org.freedesktop.systemd1";
constexpr const char* k_path = "/org/freedesktop/systemd1";
constexpr const char* k_manager = "org.freedesktop.systemd1.Manager";
constexpr const char* k_no_such_unit = "org.freedesktop.systemd1.NoSuchUnit";
constexpr auto k_timeout = 30s;

using Property = sdbus::Struct<std::string, sdbus::Variant>;
using Properties = std::vector<Property>;
using Auxiliary = std::vector<sdbus::Struct<std::string, Properties>>;
using Exec = sdbus::Struct<std::string, std::vector<std::string>, bool>;

template <typename Value>
void add(Properties& properties, const char* name, const Value& value) {
    properties.emplace_back(name, sdbus::Variant{value});
}

std::uint64_t microseconds(std::chrono::microseconds span) {
    return static_cast<std::uint64_t>(span.count());
}

void add_exec(Properties& properties, const char* name, std::vector<std::string> argv) {
    const std::string program = argv.at(0);
    for (std::string& argument : argv) {
        // systemd expands variables in arguments when it executes them (systemd.service(5)).
        argument = base::replace_all(std::move(argument), "$", "$$");
    }
    add(properties, name, std::vector<Exec>{Exec{program, argv, false}});
}

void add_common(Properties& properties, const std::string& description, const std::string& slice,
                const Limits& limits) {
    add(properties, "Description", description);
    add(properties, "Slice", slice);
    add(properties, "CollectMode", std::string{"inactive-or-failed"});
    if (limits.memory_max) {
        add(properties, "MemoryMax", *limits.memory_max);
        // Swapped out is not freed: the limit is for both together.
        add(properties, "MemorySwapMax", std::uint64_t{0});
    }
    if (limits.cpu_quota) {
        add(properties, "CPUQuotaPerSecUSec", *limits.cpu_quota);
    }
    if (limits.tasks_max) {
        add(properties, "TasksMax", *limits.tasks_max);
    }
}

void add_times(Properties& properties, std::chrono::microseconds runtime_max,
               std::chrono::microseconds timeout_stop) {
    if (runtime_max > 0us) {
        add(properties, "RuntimeMaxUSec", microseconds(runtime_max));
    }
    if (timeout_stop > 0us) {
        add(properties, "TimeoutStopUSec", microseconds(timeout_stop));
    }
}

Properties properties_of(const TransientService& service) {
    Properties properties;
    add_common(properties, service.description, service.slice, service.limits);
    add_times(properties, service.runtime_max, service.timeout_stop);
    add(properties, "Type", std::string{"exec"});
    add(properties, "KillMode", std::string{"mixed"});
    // Any other value would let a job extend its own deadline (EXTEND_TIMEOUT_USEC, sd_notify(3)).
    add(properties, "NotifyAccess", std::string{"none"});
    add(properties, "OOMPolicy", std::string{"stop"});
    add(properties, "WorkingDirectory", std::string{"/"});
    if (!service.after.empty()) {
        add(properties, "After", service.after);
    }
    if (!service.environment.empty()) {
        add(properties, "Environment", service.environment);
    }
    add(properties, "SyslogIdentifier", service.syslog_identifier);
    // Zero would mean "unset", not "no limit" (systemd.exec(5), LogRateLimitBurst=).
    add(properties, "LogRateLimitIntervalUSec", std::uint64_t{1'000'000});
    add(properties, "LogRateLimitBurst", std::uint32_t{10'000'000});
    std::vector<std::vector<std::uint8_t>> fields;
    for (const std::string& field : service.log_fields) {
        fields.emplace_back(field.begin(), field.end());
    }
    add(properties, "LogExtraFields", fields);
    add_exec(properties, "ExecStart", service.exec_start);
    if (!service.exec_stop_post.empty()) {
        add_exec(properties, "ExecStopPost", service.exec_stop_post);
    }
    // Each UnixFd duplicates, and closes its copy with the property: a copy that stayed behind
    // would keep the domain's lock.
    if (service.stdin_fd >= 0) {
        add(properties, "StandardInputFileDescriptor", sdbus::UnixFd{service.stdin_fd});
    }
    if (service.stdout_fd >= 0) {
        add(properties, "StandardOutputFileDescriptor", sdbus::UnixFd{service.stdout_fd});
    }
    return properties;
}

Properties properties_of(const TransientScope& scope) {
    Properties properties;
    add_common(properties, scope.description, scope.slice, scope.limits);
    add_times(properties, scope.runtime_max, scope.timeout_stop);
    std::vector<std::uint32_t> processes;
    for (const pid_t pid : scope.processes) {
        processes.push_back(static_cast<std::uint32_t>(pid));
    }
    add(properties, "PIDs", processes);
    return properties;
}

[[noreturn]] void rethrow(const sdbus::Error& error, const std::string& attempted) {
    // What dbus-daemon and sd-bus say when the other side goes away. A reply that did not come in
    // time is not among them: waiting once more would be no better.
    static const std::set<std::string> gone{
        "org.freedesktop.DBus.Error.NoReply",
        "org.freedesktop.DBus.Error.Disconnected",
        "org.freedesktop.DBus.Error.ServiceUnknown",
        "org.freedesktop.DBus.Error.NameHasNoOwner",
        "org.freedesktop.DBus.Error.FileNotFound",
        "System.Error.ECONNRESET",
        "System.Error.ENOTCONN",
        "System.Error.EPIPE",
        "System.Error.ECONNREFUSED",
    };
    const std::string text = fmt::format("{}: {}", attempted, error.getMessage());
    if (compat::error_name(error) == "org.freedesktop.DBus.Error.LimitsExceeded") {
        throw Overloaded{text};
    }
    if (gone.contains(compat::error_name(error))) {
        throw NoAnswer{text};
    }
    throw ManagerError{text};
}

std::string invocation_text(const std::vector<std::uint8_t>& id) {
    std::string text;
    for (const std::uint8_t byte : id) {
        text += fmt::format("{:02x}", byte);
    }
    return text;
}

}  // namespace

struct Manager::Connection {
    std::unique_ptr<sdbus::IConnection> bus;
    std::unique_ptr<sdbus::IProxy> manager;
    sdbus::Slot job_match;
    sdbus::Slot owner_match;
    sdbus::Slot unit_match;
    OnJobRemoved on_job_removed;
    std::function<void()> on_lost;
    std::function<void(const std::string&)> on_unit_removed;
    /// Ours: sd-bus closes its own as soon as the other end is gone, under the loop's feet.
    base::UniqueFd socket;
    event::Source readable;
    event::Source timer;
    bool lost = false;

    void process() {
        try {
            while (compat::process_pending(*bus)) {
            }
        } catch (const sdbus::Error&) {
            lose();
        }
    }

    /// sd-bus(3) wants its poll data read anew before each wait: a message may be queued already.
    void prepare() {
        if (lost) {
            return;
        }
        try {
            const auto data = bus->getEventLoopPollData();
            readable.set_events(static_cast<std::uint32_t>(data.events));
            if (const int timeout = data.getPollTimeout(); timeout >= 0) {
                timer.set_time(std::chrono::steady_clock::now() +
                               std::chrono::milliseconds{timeout});
            }
        } catch (const sdbus::Error&) {
            lose();
        }
    }

    void lose() {
        if (!std::exchange(lost, true)) {
            readable.enable(false);
            timer.enable(false);
            if (on_lost) {
                on_lost();
            }
        }
    }

    std::string start_transient(const std::string& name, const Properties& properties) {
        sdbus::ObjectPath job;
        try {
            manager->callMethod("StartTransientUnit")
                .onInterface(k_manager)
                .withTimeout(k_timeout)
                .withArguments(name, std::string{"fail"}, properties, Auxiliary{})
                .storeResultsTo(job);
        } catch (const sdbus::Error& error) {
            rethrow(error, fmt::format("start unit {}", name));
        }
        return job;
    }
};

std::string bus_address(Which which) {
    if (which == Which::system) {
        return "unix:path=/run/dbus/system_bus_socket";
    }
    return fmt::format("unix:path=/run/user/{}/bus", ::getuid());
}

bool is_available(Which which) {
    // sd_booted(3): this directory is there if and only if systemd runs the host.
    struct stat info {};
    if (::lstat("/run/systemd/system", &info) != 0 || !S_ISDIR(info.st_mode)) {
        return false;
    }
    if (which == Which::system) {
        return true;
    }
    const std::string socket = fmt::format("/run/user/{}/bus", ::getuid());
    return ::stat(socket.c_str(), &info) == 0 && S_ISSOCK(info.st_mode);
}

Manager::Manager(std::unique_ptr<Connection> connection) : connection_{std::move(connection)} {}
Manager::Manager(Manager&&) noexcept = default;
Manager& Manager::operator=(Manager&&) noexcept = default;
Manager::~Manager() = default;

Manager Manager::connect(Which which) {
    return connect(bus_address(which));
}

Manager Manager::connect(const std::string& address) {
    auto connection = std::make_unique<Connection>();
    try {
        connection->bus = sdbus::createSessionBusConnectionWithAddress(address);
        connection->bus->setMethodCallTimeout(k_timeout);
        connection->manager = compat::make_proxy(*connection->bus, k_service, k_path);
    } catch (const sdbus::Error& error) {
        rethrow(error, fmt::format("connect to systemd at {}", address));
    }
    return Manager{std::move(connection)};
}

void Manager::attach(event::Loop& loop, OnJobRemoved on_job_removed,
                     std::function<void()> on_lost) {
    Connection& connection = *connection_;
    connection.on_job_removed = std::move(on_job_removed);
    connection.on_lost = std::move(on_lost);
    try {
        connection.job_match = compat::add_match(
            *connection.bus,
            fmt::format("type='signal',sender='{}',path='{}',interface='{}',member='JobRemoved'",
                        k_service, k_path, k_manager),
            [&connection](auto&& message) {
                std::uint32_t id = 0;
                sdbus::ObjectPath job;
                std::string unit;
                std::string result;
                message >> id >> job >> unit >> result;
                connection.on_job_removed(job, unit, result);
            });
        // A systemd that re-executes itself leaves the bus: what it would have told may be lost.
        connection.owner_match = compat::add_match(
            *connection.bus,
            fmt::format("type='signal',sender='org.freedesktop.DBus',path='/org/freedesktop/DBus',"
                        "interface='org.freedesktop.DBus',member='NameOwnerChanged',arg0='{}'",
                        k_service),
            [&connection](auto&&) { connection.lose(); });
        connection.timer = loop.on_time(std::chrono::steady_clock::time_point::max(),
                                        [&connection] { connection.process(); });
        connection.socket = base::duplicate(connection.bus->getEventLoopPollData().fd);
        connection.readable = loop.on_io(connection.socket.get(), EPOLLIN,
                                         [&connection](std::uint32_t) { connection.process(); });
        connection.readable.before_waiting([&connection] { connection.prepare(); });
    } catch (const sdbus::Error& error) {
        rethrow(error, "listen to systemd");
    }
}

void Manager::follow_units(std::function<void(const std::string& unit)> on_removed) {
    Connection& connection = *connection_;
    connection.on_unit_removed = std::move(on_removed);
    try {
        connection.unit_match = compat::add_match(
            *connection.bus,
            fmt::format("type='signal',sender='{}',path='{}',interface='{}',member='UnitRemoved'",
                        k_service, k_path, k_manager),
            [&connection](auto&& message) {
                std::string unit;
                message >> unit;
                connection.on_unit_removed(unit);
            });
        // Nobody is told of units who did not ask to be.
        connection.manager->callMethod("Subscribe").onInterface(k_manager).withTimeout(k_timeout);
    } catch (const sdbus::Error& error) {
        rethrow(error, "listen to systemd");
    }
}

std::string Manager::start(const TransientService& service) {
    return connection_->start_transient(service.name, properties_of(service));
}

std::string Manager::start(const TransientScope& scope) {
    return connection_->start_transient(scope.name, properties_of(scope));
}

bool Manager::stop(const std::string& unit) {
    try {
        sdbus::ObjectPath job;
        connection_->manager->callMethod("StopUnit")
            .onInterface(k_manager)
            .withTimeout(k_timeout)
            .withArguments(unit, std::string{"replace"})
            .storeResultsTo(job);
        return true;
    } catch (const sdbus::Error& error) {
        if (compat::error_name(error) == k_no_such_unit) {
            return false;
        }
        rethrow(error, fmt::format("stop unit {}", unit));
    }
}

std::optional<UnitState> Manager::state(const std::string& unit) {
    using Values = std::map<std::string, sdbus::Variant>;
    try {
        sdbus::ObjectPath path;
        connection_->manager->callMethod("GetUnit")
            .onInterface(k_manager)
            .withTimeout(k_timeout)
            .withArguments(unit)
            .storeResultsTo(path);
        const auto proxy = compat::make_proxy(*connection_->bus, k_service, path);
        Values values;
        proxy->callMethod("GetAll")
            .onInterface("org.freedesktop.DBus.Properties")
            .withTimeout(k_timeout)
            .withArguments("org.freedesktop.systemd1.Unit")
            .storeResultsTo(values);
        UnitState state;
        state.active = values.at("ActiveState").get<std::string>();
        state.sub = values.at("SubState").get<std::string>();
        state.invocation =
            invocation_text(values.at("InvocationID").get<std::vector<std::uint8_t>>());
        return state;
    } catch (const sdbus::Error& error) {
        if (compat::error_name(error) == k_no_such_unit) {
            return std::nullopt;
        }
        rethrow(error, fmt::format("ask for unit {}", unit));
    }
}

std::string Manager::control_group() {
    try {
        sdbus::Variant value;
        connection_->manager->callMethod("Get")
            .onInterface("org.freedesktop.DBus.Properties")
            .withTimeout(k_timeout)
            .withArguments(std::string{k_manager}, std::string{"ControlGroup"})
            .storeResultsTo(value);
        return value.get<std::string>();
    } catch (const sdbus::Error& error) {
        rethrow(error, "ask systemd for its cgroup");
    }
}

std::vector<ListedUnit> Manager::list(const std::string& pattern) {
    using Row =
        sdbus::Struct<std::string, std::string, std::string, std::string, std::string, std::string,
                      sdbus::ObjectPath, std::uint32_t, std::string, sdbus::ObjectPath>;
    std::vector<Row> rows;
    try {
        connection_->manager->callMethod("ListUnitsByPatterns")
            .onInterface(k_manager)
            .withTimeout(k_timeout)
            .withArguments(std::vector<std::string>{}, std::vector<std::string>{pattern})
            .storeResultsTo(rows);
    } catch (const sdbus::Error& error) {
        rethrow(error, fmt::format("list units {}", pattern));
    }
    std::vector<ListedUnit> units;
    for (const Row& row : rows) {
        units.push_back({std::get<0>(row), std::get<3>(row), std::get<4>(row)});
    }
    return units;
}

}  // namespace ccci::systemd
