#include "run/verdict.hpp"

#include <gtest/gtest.h>
#include <signal.h>

#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <vector>

namespace ccci::run {
namespace {

using base::ExitStatus;

constexpr ExitStatus exited(int code) {
    return {.code = code, .signal = 0};
}
constexpr ExitStatus died(int signal) {
    return {.code = 0, .signal = signal};
}
Stop stopped(StopCause cause) {
    return {cause, "the reason"};
}

struct Row {
    std::string what;
    Facts facts;
    VerdictKind kind;
    int exit_code;
};

// Cases 24, 25, 33, 34, 35, 39, and every row of the table of exit codes.
TEST(DecideTest, FollowsTheTableOfExitCodes) {
    using enum VerdictKind;
    const std::vector<Row> table{
        {"green", {.job = exited(0)}, passed, 0},
        {"red", {.job = exited(7)}, failed, 7},
        {"the largest code", {.job = exited(255)}, failed, 255},
        {"a code of ours, by chance", {.job = exited(143)}, failed, 143},
        {"what Drone takes for success", {.job = exited(78)}, failed, 1},
        {"died of TERM", {.job = died(SIGTERM)}, failed, 128 + SIGTERM},
        {"died of SEGV", {.job = died(SIGSEGV)}, failed, 128 + SIGSEGV},
        {"died of KILL", {.job = died(SIGKILL)}, killed, 137},
        {"cancelled",
         {.stop = stopped(StopCause::cancelled), .job = died(SIGTERM)},
         cancelled,
         143},
        {"cancelled, and the job says 0",
         {.stop = stopped(StopCause::cancelled), .job = exited(0)},
         cancelled,
         143},
        {"cancelled, and the job says 7",
         {.stop = stopped(StopCause::cancelled), .job = exited(7)},
         cancelled,
         143},
        {"cancelled, and the job had to be killed",
         {.stop = stopped(StopCause::cancelled), .job = died(SIGKILL)},
         cancelled,
         143},
        {"cancelled before the job", {.stop = stopped(StopCause::cancelled)}, cancelled, 143},
        {"cancelled, and not clean",
         {.stop = stopped(StopCause::cancelled), .job = exited(0), .teardown_clean = false},
         cancelled,
         143},
        {"superseded", {.stop = stopped(StopCause::superseded), .job = exited(0)}, superseded, 143},
        {"deadline", {.stop = stopped(StopCause::deadline), .job = died(SIGTERM)}, deadline, 142},
        {"deadline, and the job says 0",
         {.stop = stopped(StopCause::deadline), .job = exited(0)},
         deadline,
         142},
        {"stopped for memory",
         {.stop = stopped(StopCause::out_of_memory), .job = died(SIGKILL)},
         out_of_memory,
         137},
        {"killed for memory", {.job = died(SIGKILL), .out_of_memory = true}, out_of_memory, 137},
        {"a part killed for memory", {.job = exited(1), .out_of_memory = true}, out_of_memory, 137},
        {"a part killed for memory, and the job says 0",
         {.job = exited(0), .out_of_memory = true},
         out_of_memory,
         137},
        {"cancelled, and killed for memory",
         {.stop = stopped(StopCause::cancelled), .job = died(SIGKILL), .out_of_memory = true},
         cancelled,
         143},
        {"left something", {.job = exited(0), .teardown_clean = false}, leftovers, 123},
        {"red, and left something", {.job = exited(7), .teardown_clean = false}, failed, 7},
        {"not found", {.not_executed = base::CannotExecute{ENOENT, "execute x"}}, failed, 127},
        {"not executable", {.not_executed = base::CannotExecute{EACCES, "execute x"}}, failed, 126},
        {"no program", {.not_executed = base::CannotExecute{ENOEXEC, "execute x"}}, failed, 126},
        {"an earlier run's rest could not be removed", {.slate_clean = false}, refused, 123},
    };
    for (const Row& row : table) {
        const Verdict verdict = decide(row.facts);
        EXPECT_EQ(to_string(verdict.kind), to_string(row.kind)) << row.what;
        EXPECT_EQ(verdict.exit_code, row.exit_code) << row.what;
        EXPECT_EQ(verdict.reason.empty(), verdict.exit_code == 0) << row.what;
    }
}

// Case 35.
TEST(DecideTest, NeverMakesASuccessOfAStop) {
    for (const StopCause cause : {StopCause::cancelled, StopCause::superseded, StopCause::deadline,
                                  StopCause::out_of_memory}) {
        for (int code = 0; code < 256; ++code) {
            EXPECT_NE(decide({.stop = stopped(cause), .job = exited(code)}).exit_code, 0);
        }
        EXPECT_EQ(decide({.stop = stopped(cause), .job = exited(0)}).reason, "the reason");
    }
}

// Case 35.
TEST(DecideTest, NeverTellsDroneToSkipTheRest) {
    for (int code = 0; code < 256; ++code) {
        EXPECT_NE(decide({.job = exited(code)}).exit_code, 78);
    }
    EXPECT_NE(decide({.job = exited(78)}).reason.find("78"), std::string::npos);
}

// Cases 32, 33, 34: what systemd says of a harness that could not speak for itself.
TEST(DecideWithoutHarnessTest, TakesSystemdsWord) {
    using enum VerdictKind;
    struct {
        UnitEnd end;
        VerdictKind kind;
        int exit_code;
    } const table[] = {
        {{"timeout", "killed", "TERM"}, deadline, 142},
        {{"timeout", "killed", "KILL"}, deadline, 142},
        {{"oom-kill", "killed", "KILL"}, out_of_memory, 137},
        {{"signal", "killed", "KILL"}, killed, 137},
        {{"signal", "killed", "signal 9"}, killed, 137},
        {{"core-dump", "dumped", "SEGV"}, killed, 137},
        {{"signal", "killed", "TERM"}, cancelled, 143},
        {{"signal", "killed", "signal 15"}, cancelled, 143},
        {{"exit-code", "exited", "143"}, cancelled, 143},
        {{"exit-code", "exited", "125"}, refused, 125},
        {{"exit-code", "exited", "1"}, refused, 125},
        {{"success", "exited", "0"}, refused, 125},
        {{"resources", "", ""}, refused, 125},
        {{"protocol", "", ""}, refused, 125},
        {{"what-systemd-may-say-one-day", "\xff", ""}, refused, 125},
        {{"", "", ""}, refused, 125},
    };
    for (const auto& row : table) {
        const Verdict verdict = decide_without_harness(row.end);
        EXPECT_EQ(to_string(verdict.kind), to_string(row.kind)) << row.end.result;
        EXPECT_EQ(verdict.exit_code, row.exit_code) << row.end.result;
        EXPECT_FALSE(verdict.reason.empty());
    }
}

// Cases 30, 32, 39: a unit of which nobody said anything.
TEST(DecideWithoutAWordTest, TakesWhatTheStepKnows) {
    const auto kind = [](bool harness_lived, bool cancelled) {
        return to_string(decide_without_a_word(harness_lived, cancelled, "a.service").kind);
    };
    EXPECT_EQ(kind(false, false), "refused");
    EXPECT_EQ(kind(false, true), "cancelled");
    EXPECT_EQ(kind(true, false), "killed");
    EXPECT_EQ(kind(true, true), "killed");
}

TEST(VerdictTest, IsReadBackAsItWasWritten) {
    for (const VerdictKind kind :
         {VerdictKind::passed, VerdictKind::failed, VerdictKind::cancelled, VerdictKind::superseded,
          VerdictKind::deadline, VerdictKind::killed, VerdictKind::out_of_memory,
          VerdictKind::refused, VerdictKind::leftovers}) {
        const Verdict verdict{kind, kind == VerdictKind::passed ? 0 : 42, "a reason"};
        EXPECT_EQ(nlohmann::json(verdict).get<Verdict>(), verdict);
        EXPECT_EQ(verdict_kind_from(to_string(kind)), kind);
    }
    EXPECT_EQ(to_string(VerdictKind::out_of_memory), "out-of-memory");
    EXPECT_FALSE(verdict_kind_from("PASSED"));
    EXPECT_FALSE(verdict_kind_from(""));
}

TEST(VerdictTest, IsRefusedWhenItIsNone) {
    for (const char* text :
         {"{}", "null", "[]", R"({"verdict": "great", "exit_code": 0, "reason": ""})",
          R"({"verdict": "passed", "exit_code": "0", "reason": ""})",
          R"({"verdict": "passed", "exit_code": 0})",
          R"({"verdict": "passed", "exit_code": 1, "reason": ""})",
          R"({"verdict": "failed", "exit_code": 0, "reason": ""})",
          R"({"verdict": "failed", "exit_code": 256, "reason": ""})",
          R"({"verdict": "failed", "exit_code": 4294967296, "reason": ""})",
          R"({"verdict": "failed", "exit_code": -1, "reason": ""})",
          R"({"verdict": "failed", "exit_code": 1.5, "reason": ""})",
          R"({"verdict": "failed", "exit_code": true, "reason": ""})"}) {
        EXPECT_THROW((void)nlohmann::json::parse(text).get<Verdict>(), std::exception) << text;
    }
}

}  // namespace
}  // namespace ccci::run
