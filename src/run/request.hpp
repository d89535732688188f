#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace ccci::run {

/// A program with all it needs to be started. Strings may hold any bytes but NUL.
struct Program {
    std::vector<std::string> argv;
    std::vector<std::string> environment;  ///< "NAME=value"
    std::filesystem::path directory;

    bool operator==(const Program&) const = default;
};

/// What holds a domain for all hosts, beside the lock file.
struct Lease {
    Program keeper;             ///< keeps it alive
    std::int64_t id = 0;        ///< etcd's
    std::int64_t revision = 0;  ///< of two holders of the domain, the later one has the higher
    std::chrono::microseconds margin{};
    /// Until when it is valid if no keep-alive is confirmed any more.
    std::chrono::steady_clock::time_point until;

    bool operator==(const Lease&) const = default;
};

/// What the step asks of the harness. It travels over the link and is kept, readable for its owner
/// only, in the run directory until the run is over: ExecStopPost may need it.
struct Request {
    std::string run;
    std::filesystem::path run_dir;
    std::string domain;               ///< empty: the run takes no lock
    std::filesystem::path lock_file;  ///< empty without a domain
    std::optional<Lease> lease;       ///< nullopt: the lock file is all there is
    Program job;
    std::optional<Program> teardown;  ///< nullopt: nothing to tear down
    bool clean_slate = false;         ///< run the teardown before the job, too
    std::chrono::microseconds deadline{};
    std::chrono::microseconds teardown_budget{};
    std::chrono::microseconds stop_grace{};  ///< between a job's TERM and its KILL
    bool merged_output = true;  ///< one pipe for stdout and stderr, so that their order is kept
    bool inherit_stdio =
        false;              ///< the job uses the harness's own stdin, stdout and stderr (a scope)
    bool detached = false;  ///< the end of the link does not cancel the run
    bool own_deadline = false;  ///< the harness itself watches the deadline: no systemd does
    bool in_unit = true;  ///< output goes to the journal, which knows the unit; else to a file

    bool operator==(const Request&) const = default;
};

/// A binary form (CBOR): arguments and variables need not be text.
std::string encode(const Request& request);
/// Throws std::runtime_error on anything that encode() did not make.
Request decode_request(const std::string& bytes);

}  // namespace ccci::run
