#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include <nlohmann/json_fwd.hpp>

namespace ccci::run {

/// What a run has used so far, of whatever its cgroup counts; nullopt where it does not.
struct Resources {
    using Span = std::optional<std::chrono::microseconds>;
    using Count = std::optional<std::uint64_t>;

    Span cpu = {};           ///< user and system time
    Count memory_peak = {};  ///< bytes
    Count tasks_peak = {};   ///< processes and threads
    Count io_read = {};      ///< bytes, from devices
    Count io_written = {};   ///< bytes, to devices
    Count oom_kills = {};

    // How long some task had to wait for each ("some" of the kernel's
    // Documentation/accounting/psi).
    Span cpu_pressure = {};
    Span memory_pressure = {};
    Span io_pressure = {};

    bool operator==(const Resources&) const = default;
};

void to_json(nlohmann::json& out, const Resources& resources);
/// Throws nlohmann::json::exception or std::invalid_argument.
void from_json(const nlohmann::json& in, Resources& resources);

}  // namespace ccci::run
