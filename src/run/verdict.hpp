#pragma once

#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "base/process.hpp"

namespace ccci::run {

/// Exit codes of `cc-ci run` and `cc-ci recipe`; the table in docs/exit-codes.md.
namespace exit_code {
constexpr int usage = 2;
constexpr int not_acquired = 75;
constexpr int leftovers = 123;
constexpr int internal = 125;
constexpr int not_executable = 126;
constexpr int not_found = 127;
constexpr int killed = 137;
constexpr int deadline = 142;
constexpr int cancelled = 143;
}  // namespace exit_code

enum class VerdictKind {
    passed,
    failed,
    cancelled,
    superseded,
    deadline,
    killed,
    out_of_memory,
    fenced,
    refused,
    leftovers,
};

std::string to_string(VerdictKind kind);
/// nullopt for a name that is none.
std::optional<VerdictKind> verdict_kind_from(const std::string& name);

/// How a run ended.
struct Verdict {
    VerdictKind kind = VerdictKind::failed;
    int exit_code = exit_code::internal;
    std::string reason;  ///< for people: "the job exited with 7"

    bool operator==(const Verdict&) const = default;
};

void to_json(nlohmann::json& out, const Verdict& verdict);
void from_json(const nlohmann::json& in, Verdict& verdict);

/// Why a run was told to stop before its job was done.
enum class StopCause {
    cancelled,
    superseded,
    deadline,
    out_of_memory,
    fenced,  ///< the lease on its domain could not be kept alive
};

struct Stop {
    StopCause cause = StopCause::cancelled;
    std::string reason;  ///< "cancelled by cc-ci cancel", "the step is gone"
};

/// All that the harness knows when the job and the teardown are over.
struct Facts {
    std::optional<Stop> stop = {};             ///< what came first, while the job was not over
    std::optional<base::ExitStatus> job = {};  ///< nullopt: the job never started
    std::optional<base::CannotExecute> not_executed = {};
    bool out_of_memory = false;  ///< the kernel's OOM killer was at work before the job was over
    bool slate_clean = true;     ///< what an earlier run left could be removed
    bool teardown_clean = true;
};

/// The verdict and its exit code. A stop that came first counts whatever the job made of it, and
/// then a lack of memory; a failing job counts more than what the teardown left behind.
Verdict decide(const Facts& facts);

/// What systemd tells ExecStopPost (systemd.exec(5): $SERVICE_RESULT, $EXIT_CODE, $EXIT_STATUS)
/// about a harness that could not speak for itself.
struct UnitEnd {
    std::string result;       ///< "success", "timeout", "oom-kill", "signal", ...
    std::string exit_code;    ///< "exited", "killed", "dumped"
    std::string exit_status;  ///< a number or a signal's name
};

Verdict decide_without_harness(const UnitEnd& end);

/// For a unit that is over, of which nobody said how. `cancelled`: the step had asked for its end.
/// `journal`: the command that shows what systemd says of it.
Verdict decide_without_a_word(bool harness_lived, bool cancelled, const std::string& journal);

}  // namespace ccci::run
