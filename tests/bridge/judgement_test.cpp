#include "bridge/judgement.hpp"

#include <gtest/gtest.h>

#include "bridge/moment.hpp"

namespace ccci::bridge {
namespace {

using run::VerdictKind;
using std::chrono::minutes;
using std::chrono::seconds;

drone::Build build(const std::string& status, const std::string& error = "") {
    drone::Build result;
    result.number = 291;
    result.status = status;
    result.error = error;
    if (result.is_over()) {
        result.finished = k_moment - seconds{1};
    }
    return result;
}

run::Record record(run::State state, const std::string& phase = "") {
    run::Record result;
    result.run = "291";
    result.state = state;
    result.phase = phase;
    result.created = k_moment - minutes{10};
    result.deadline = minutes{60};
    result.teardown_budget = minutes{10};
    if (state != run::State::waiting) {
        result.started = k_moment - minutes{9};
    }
    return result;
}

run::Record ended(VerdictKind kind, const std::string& reason = "") {
    run::Record result = record(run::State::ended);
    result.ended = k_moment - seconds{2};
    result.verdict = run::Verdict{.kind = kind, .exit_code = 1, .reason = reason};
    return result;
}

std::optional<Ending> ending(const Sight& sight, Time now = k_moment) {
    const Judgement judgement = judge(sight, now);
    return judgement.result ? std::optional{judgement.result->ending} : std::nullopt;
}

TEST(JudgementTest, TellsWhatIsGoingOn) {
    EXPECT_EQ(judge({.build = build("pending")}, k_moment).progress,
              "the build waits for a runner");
    EXPECT_EQ(judge({.build = build("running")}, k_moment).progress, "the build runs");
    EXPECT_EQ(judge({.build = build("blocked")}, k_moment).progress,
              "the build waits for an approval in Drone");
    const drone::Build running = build("running");
    EXPECT_EQ(judge({running, record(run::State::waiting, "for 290")}, k_moment).progress,
              "waiting for 290");
    EXPECT_EQ(judge({running, record(run::State::running, "upgrade")}, k_moment).progress,
              "upgrade");
    EXPECT_EQ(judge({running, record(run::State::tearing_down)}, k_moment).progress, "teardown");
    EXPECT_EQ(judge({build("killed"), record(run::State::tearing_down)}, k_moment).progress,
              "cancelled; teardown");
}

TEST(JudgementTest, KnowsWhatWaits) {
    EXPECT_FALSE(judge({.build = build("pending")}, k_moment).is_running);
    EXPECT_TRUE(judge({.build = build("running")}, k_moment).is_running);
    EXPECT_FALSE(judge({build("running"), record(run::State::waiting)}, k_moment).is_running);
    EXPECT_TRUE(judge({build("running"), record(run::State::running)}, k_moment).is_running);
}

TEST(JudgementTest, TakesTheRunsWordWhenDroneIsDoneToo) {
    const std::vector<std::pair<VerdictKind, Ending>> kinds{
        {VerdictKind::failed, Ending::failed},
        {VerdictKind::cancelled, Ending::cancelled},
        {VerdictKind::superseded, Ending::superseded},
        {VerdictKind::deadline, Ending::deadline},
        {VerdictKind::killed, Ending::killed},
        {VerdictKind::out_of_memory, Ending::out_of_memory},
        {VerdictKind::refused, Ending::refused},
        {VerdictKind::leftovers, Ending::leftovers}};
    for (const auto& [kind, expected] : kinds) {
        for (const char* status : {"failure", "killed", "success"}) {
            EXPECT_EQ(ending({build(status), ended(kind)}), expected) << status;
        }
        EXPECT_EQ(ending({build("running"), ended(kind)}), std::nullopt);
    }
    const Judgement judgement =
        judge({build("failure"), ended(VerdictKind::failed, "the job exited with 7")}, k_moment);
    EXPECT_EQ(judgement.result->reason, "the job exited with 7");
    EXPECT_EQ(judgement.result->took, minutes{10} - seconds{2});
}

TEST(JudgementTest, CallsPassedOnlyWhatNobodyCallsOtherwise) {
    EXPECT_EQ(ending({build("success"), ended(VerdictKind::passed)}), Ending::passed);
    EXPECT_EQ(ending({build("failure"), ended(VerdictKind::passed)}), Ending::failed);
    EXPECT_EQ(ending({build("error"), ended(VerdictKind::passed)}), Ending::failed);
    EXPECT_EQ(ending({build("killed"), ended(VerdictKind::passed)}), Ending::cancelled);
}

TEST(JudgementTest, TakesDronesWordForARunThatIsNotHere) {
    EXPECT_EQ(ending({.build = build("success")}), Ending::passed);
    EXPECT_EQ(ending({.build = build("failure")}), Ending::failed);
    EXPECT_EQ(ending({.build = build("killed")}), Ending::cancelled);
    EXPECT_EQ(ending({.build = build("skipped")}), Ending::skipped);
    EXPECT_EQ(ending({.build = build("declined")}), Ending::error);
    EXPECT_EQ(judge({.build = build("error", "no pipeline")}, k_moment).result->reason,
              "no pipeline");
}

TEST(JudgementTest, WaitsForTheTeardownOfAKilledBuild) {
    EXPECT_EQ(ending({build("killed"), record(run::State::tearing_down)}), std::nullopt);
    EXPECT_EQ(ending({build("killed"), record(run::State::waiting)}), std::nullopt);
    // The deadline, and a stop and an ExecStopPost of the budget each.
    EXPECT_EQ(ending({build("killed"), record(run::State::running)}, k_moment + minutes{70}),
              std::nullopt);
    EXPECT_EQ(ending({build("killed"), record(run::State::running)}, k_moment + minutes{100}),
              Ending::lost);
    EXPECT_EQ(ending({build("killed"), record(run::State::waiting)}, k_moment + minutes{21}),
              Ending::lost);
}

TEST(JudgementTest, DoesNotWaitForDroneForEver) {
    const run::Record over = ended(VerdictKind::passed);
    EXPECT_EQ(ending({build("running"), over}, k_moment + minutes{5}), std::nullopt);
    EXPECT_EQ(ending({build("running"), over}, k_moment + minutes{11}), Ending::passed);
}

TEST(JudgementTest, SaysThatABuildIsGone) {
    EXPECT_EQ(ending({.build = std::nullopt}), Ending::lost);
    EXPECT_EQ(ending({std::nullopt, ended(VerdictKind::failed)}), Ending::failed);
    EXPECT_EQ(ending({std::nullopt, record(run::State::running)}), std::nullopt);
}

TEST(JudgementTest, OutlivesARecordFromTheEndOfTime) {
    run::Record odd = record(run::State::running);
    odd.started = Time::max();
    EXPECT_EQ(ending({build("killed"), odd}), std::nullopt);
    odd = record(run::State::waiting);
    odd.created = Time::max();
    EXPECT_EQ(ending({build("killed"), odd}), std::nullopt);
}

}  // namespace
}  // namespace ccci::bridge
