#pragma once

#include <chrono>
#include <optional>
#include <string>

namespace ccci::locks {

/// What a lock file says about who holds it. Advice for people: only the flock decides.
struct Holder {
    std::string run;         ///< run id, or "janitor"
    std::string unit;        ///< empty when no systemd is involved
    std::string invocation;  ///< systemd's id of the unit's life; empty until the unit runs
    std::string user;
    std::chrono::system_clock::time_point since;
    /// The last moment the holder can be alive; nullopt: not known (yet).
    std::optional<std::chrono::system_clock::time_point> until;
    /// What it deploys goes by a command of its own, so the platform may not know of it.
    bool own_teardown = false;

    bool operator==(const Holder&) const = default;
};

/// One line of JSON with its line end.
std::string encode(const Holder& holder);
/// nullopt for anything that encode() did not make, an empty file included.
std::optional<Holder> parse_holder(const std::string& text);

/// "run 290 (cc-ci-run-290.service) has held it for 12s, at most until 09:22:30"
std::string describe(const std::optional<Holder>& holder,
                     std::chrono::system_clock::time_point now);

}  // namespace ccci::locks
