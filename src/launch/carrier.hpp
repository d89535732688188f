#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/unique_fd.hpp"
#include "link/channel.hpp"
#include "locks/domain_lock.hpp"
#include "run/record.hpp"
#include "run/request.hpp"
#include "run/run_dir.hpp"
#include "systemd/transient_unit.hpp"

namespace ccci::launch {

/// What a run is to be carried by.
struct Load {
    std::string unit;         ///< "cc-ci-run-267.service"
    std::string description;  ///< for systemctl
    const run::Request& request;
    const run::RunDir& dir;
    systemd::Limits limits;
};

/// What carries a harness for its whole life: a transient service, a scope, or nothing but our own
/// process. It ends when the link does, and with it the domain's lock is free.
class Carrier {
public:
    Carrier() = default;
    Carrier(const Carrier&) = delete;
    Carrier& operator=(const Carrier&) = delete;
    virtual ~Carrier() = default;

    /// The name that systemd knows it by; empty: none.
    [[nodiscard]] virtual std::string unit_name(const std::string& run) const = 0;

    /// "system", "user", "none"
    [[nodiscard]] virtual std::string manager() const = 0;

    /// Whether the harness can count on a unit of its own: its journal, its deadline, its cgroup.
    [[nodiscard]] virtual bool has_unit() const = 0;

    /// Starts the harness with this end of the link and the locked descriptor, and drops our copies
    /// as far as they are not needed. Throws systemd::ManagerError or std::exception; nothing runs
    /// then.
    virtual void start(const Load& load, base::UniqueFd link,
                       std::optional<locks::DomainLock> lock) = 0;

    /// Asks for the end, in whatever state it is. Never throws: the link carries the cancel, too.
    virtual void stop() = 0;

    /// After the end of the link. Does what is still to be done: a harness that could not speak for
    /// itself gets its verdict (`told`: it has one), a record that nobody ended is ended, and where
    /// no ExecStopPost exists, what the harness left is torn down once more. Tells about it.
    virtual void finish(const run::RunDir& dir, bool told, bool cancelled,
                        const std::function<void(link::Kind, std::string_view)>& tell) = 0;
};

/// How the run is carried.
enum class ManagerKind { system, user, none };

/// Throws systemd::ManagerError when that systemd cannot be reached.
std::unique_ptr<Carrier> make_carrier(ManagerKind manager, bool scope);

}  // namespace ccci::launch
