#include "platform/convergence.hpp"

#include <gtest/gtest.h>

namespace ccci::platform {
namespace {

using nlohmann::json;
using State = Convergence::State;
using testing::Test;

ServiceFacts service(std::uint64_t running, std::uint64_t desired, std::string update_state = "") {
    ServiceFacts facts;
    facts.id = "s";
    facts.name = "app";
    facts.running = running;
    facts.desired = desired;
    facts.update_state = std::move(update_state);
    facts.replaces_tasks = "old";
    return facts;
}

TaskFacts task(std::string id, std::string state, std::string desired, std::string error = "") {
    return {.id = std::move(id),
            .service = "s",
            .state = std::move(state),
            .desired_state = std::move(desired),
            .error = std::move(error),
            .updated = "2026-01-01"};
}

struct Case {
    const char* name;
    Snapshot before;
    Snapshot now;
    std::string missing;  ///< empty: converged
};

ServiceFacts changed(ServiceFacts facts) {
    facts.replaces_tasks = "new";
    return facts;
}

ServiceFacts started_at(ServiceFacts facts, std::string time) {
    facts.update_started = std::move(time);
    return facts;
}

ServiceFacts job(std::uint64_t completed, std::uint64_t desired) {
    ServiceFacts facts = service(0, desired);
    facts.job = true;
    facts.completed = completed;
    return facts;
}

const Snapshot k_before{{service(1, 1)}, {task("t1", "running", "running")}};

class MissingServicesTest : public testing::TestWithParam<Case> {};

TEST_P(MissingServicesTest, AreNamedUntilTheAppHasConverged) {
    const std::vector<std::string> missing = missing_services(GetParam().before, GetParam().now);

    EXPECT_EQ(missing.empty() ? "" : missing[0], GetParam().missing);
}

// Case 47.
INSTANTIATE_TEST_SUITE_P(
    Snapshots, MissingServicesTest,
    testing::Values(
        Case{"NoServices", {}, {}, "the stack has no services"},
        Case{"AllRunning", {}, {{service(2, 2)}, {}}, ""},
        Case{"NoneWanted", {}, {{service(0, 0)}, {}}, ""},
        Case{"TooFew", {}, {{service(1, 2)}, {}}, "app: 1 of 2 running"},
        Case{"TooMany", {}, {{service(2, 1)}, {}}, "app: 2 of 1 running"},
        Case{"Updating",
             {},
             {{service(1, 1, "updating")}, {}},
             "app: 1 of 1 running, update under way"},
        Case{"RollingBack",
             {},
             {{service(1, 1, "rollback_started")}, {}},
             "app: 1 of 1 running, rollback under way"},
        Case{"UpdateCompleted", {}, {{service(1, 1, "completed")}, {}}, ""},
        Case{"PausedIsSettled", {}, {{service(1, 1, "paused")}, {}}, ""},
        Case{"RollbackPausedIsSettled", {}, {{service(1, 1, "rollback_paused")}, {}}, ""},
        Case{"PausedWithTooFew", {}, {{service(0, 1, "paused")}, {}}, "app: 0 of 1 running"},
        Case{"JobNotDone", {}, {{job(0, 1)}, {}}, "app: 0 of 1 completed"},
        Case{"JobDone", {}, {{job(2, 2)}, {}}, ""},
        Case{"UpdateNotBegun",
             k_before,
             {{changed(service(1, 1))}, {task("t1", "running", "running")}},
             "app: 1 of 1 running, update has not begun"},
        Case{"UpdateOfBefore",
             {{started_at(service(1, 1, "completed"), "1")}, k_before.tasks},
             {{changed(started_at(service(1, 1, "completed"), "1"))},
              {task("t1", "running", "running")}},
             "app: 1 of 1 running, update has not begun"},
        Case{"UpdateBegunAndEnded",
             k_before,
             {{changed(started_at(service(1, 1, "completed"), "2"))},
              {task("t1", "shutdown", "shutdown"), task("t2", "running", "running")}},
             ""},
        Case{"UpdatePausedOnTheOldTask",
             k_before,
             {{changed(started_at(service(1, 1, "paused"), "2"))},
              {task("t1", "running", "running"), task("t2", "failed", "shutdown")}},
             ""},
        Case{"TasksReplacedWithoutAnUpdate",
             k_before,
             {{changed(service(1, 1))}, {task("t2", "running", "running")}},
             ""},
        Case{"ScaledToNothing",
             k_before,
             {{changed(service(0, 0))}, {task("t1", "running", "shutdown")}},
             ""},
        Case{"RedeployedUnchanged",
             k_before,
             {{service(1, 1)}, {task("t1", "running", "running")}},
             ""}),
    [](const auto& test) { return test.param.name; });

constexpr std::chrono::milliseconds k_long = std::chrono::hours{1};

TEST(JudgeTest, RemarksOnAnUpdateThatWasPaused) {
    ServiceFacts paused = service(1, 1, "paused");
    paused.update_message = "update paused due to failure";

    const Convergence result = judge({}, {{paused}, {}}, k_long);

    EXPECT_TRUE(result.ok());
    EXPECT_EQ(
        result.sentences,
        (std::vector<std::string>{"app: update ended as paused: update paused due to failure"}));
}

TEST(JudgeTest, CallsItACrashLoopWhenTasksFailAgainAndAgain) {
    const Snapshot now{
        {service(0, 1)},
        {task("t3", "starting", "running"), task("t1", "failed", "shutdown", "first"),
         task("t2", "failed", "shutdown", "task: non-zero exit (1)")}};

    const Convergence result = judge({}, now, k_long);

    EXPECT_EQ(result.state, State::crash_looping);
    EXPECT_EQ(result.sentences,
              (std::vector<std::string>{
                  "app: 0 of 1 running; 2 tasks failed, the last one: task: non-zero exit (1)"}));
    EXPECT_FALSE(is_hopeless(now)) << "it is still being tried";
}

TEST(JudgeTest, DoesNotCountFailuresFromBeforeTheDeploy) {
    const std::vector<TaskFacts> old{task("t1", "failed", "shutdown"),
                                     task("t2", "failed", "shutdown")};

    const Convergence result = judge({{service(0, 1)}, old}, {{service(0, 1)}, old}, k_long);

    EXPECT_EQ(result.sentences,
              (std::vector<std::string>{"app: 0 of 1 running; it is not tried again"}));
}

TEST(JudgeTest, SaysWhatATaskWaitsFor) {
    const Convergence result =
        judge({}, {{service(0, 1)}, {task("t", "pending", "running", "no suitable node")}}, k_long);

    EXPECT_EQ(result.state, State::timed_out);
    EXPECT_EQ(
        result.sentences,
        (std::vector<std::string>{"app: 0 of 1 running; a task is pending: no suitable node"}));
}

TEST(JudgeTest, WhatHasNotRunForLongEnoughIsNotConverged) {
    const Snapshot young{{service(1, 1)}, {task("t2", "running", "running")}};
    const Snapshot again{{service(1, 1)},
                         {task("t1", "failed", "shutdown", "task: non-zero exit (3)"),
                          task("t2", "running", "running")}};

    EXPECT_EQ(judge({}, young, std::chrono::milliseconds{999}).sentences,
              std::vector<std::string>{"app: 1 of 1 running, but not for 1s yet"});
    EXPECT_TRUE(judge({}, young, std::chrono::milliseconds{1000}).ok());
    const Convergence result = judge({}, again, std::chrono::milliseconds{4999});
    EXPECT_EQ(result.state, State::timed_out);
    EXPECT_EQ(result.sentences, std::vector<std::string>{
                                    "app: 1 of 1 running, but not for 5s yet; 1 task failed, the "
                                    "last one: task: non-zero exit (3)"});
    EXPECT_TRUE(judge({}, again, std::chrono::milliseconds{5000}).ok());
}

TEST(JudgeTest, KeepsHostileTextToOneLine) {
    const Convergence result =
        judge({},
              {{service(0, 1)},
               {task("t", "failed", "shutdown", "a\nb\x1b[2J" + std::string(1000, 'x'))}},
              k_long);

    EXPECT_EQ(result.sentences.at(0).find_first_of("\n\x1b"), std::string::npos);
    EXPECT_LT(result.sentences.at(0).size(), 400U);
}

TEST(SettleTimeTest, IsShortForTheHealthyAndLongAfterAFailure) {
    ServiceFacts checked = service(1, 1);
    checked.health_check = true;
    const TaskFacts failure = task("t", "failed", "shutdown");

    EXPECT_EQ(settle_time({}, {{checked, job(1, 1), service(0, 0)}, {}}).count(), 0);
    EXPECT_EQ(settle_time({}, {{checked, service(1, 1)}, {}}).count(), 1000);
    EXPECT_EQ(settle_time({}, {{service(1, 1)}, {failure}}).count(), 5000);
    EXPECT_EQ(settle_time({{service(1, 1)}, {failure}}, {{service(1, 1)}, {failure}}).count(),
              1000);
    EXPECT_EQ(settle_time({}, {{checked}, {failure}}).count(), 0);
}

TEST(SteadinessTest, CountsFromWhenATaskCameOrWent) {
    const auto at = [](int seconds) { return Steadiness::Time{std::chrono::seconds{seconds}}; };
    const TaskFacts one = task("t1", "running", "running");
    const TaskFacts two = task("t2", "running", "running");
    const TaskFacts dying = task("t1", "running", "shutdown");
    const TaskFacts starting = task("t3", "starting", "running");
    Steadiness steadiness;

    EXPECT_EQ(steadiness.look({{service(0, 1)}, {}}, at(1)), at(1));
    EXPECT_EQ(steadiness.look({{service(1, 1)}, {one}}, at(2)), at(2));
    EXPECT_EQ(steadiness.look({{service(1, 1)}, {one}}, at(3)), at(2));
    EXPECT_EQ(steadiness.look({{service(1, 1, "updating")}, {one, starting}}, at(4)), at(2))
        << "it runs, whatever else is missing";
    EXPECT_EQ(steadiness.look({{service(2, 2)}, {one, two}}, at(5)), at(5));
    EXPECT_EQ(steadiness.look({{service(1, 1)}, {dying, two}}, at(6)), at(6));
    EXPECT_EQ(steadiness.look({{service(1, 1)}, {two}}, at(7)), at(6));
    steadiness.forget();
    EXPECT_EQ(steadiness.look({{service(1, 1)}, {two}}, at(8)), at(8));
}

struct Hope {
    const char* name;
    Snapshot now;
    bool hopeless;
};

class HopelessTest : public testing::TestWithParam<Hope> {};

TEST_P(HopelessTest, OnlyWhenNothingIsTriedAnyMore) {
    EXPECT_EQ(is_hopeless(GetParam().now), GetParam().hopeless);
}

INSTANTIATE_TEST_SUITE_P(
    Snapshots, HopelessTest,
    testing::Values(
        Hope{"NotEvenTried", {{service(0, 1)}, {}}, false},
        Hope{"RestartIsDue",
             {{service(0, 1)}, {task("a", "failed", "shutdown"), task("b", "ready", "ready")}},
             false},
        Hope{"BeingTried", {{service(0, 1)}, {task("a", "preparing", "running")}}, false},
        Hope{"NoMoreAttempts", {{service(0, 1)}, {task("a", "failed", "shutdown")}}, true},
        Hope{"EndedWellAndNotRestarted",
             {{service(0, 1)}, {task("a", "complete", "shutdown")}},
             true},
        Hope{"Enough", {{service(1, 1)}, {task("a", "failed", "shutdown")}}, false},
        Hope{"MidUpdate", {{service(0, 1, "updating")}, {task("a", "failed", "shutdown")}}, false},
        Hope{"Job", {{job(0, 1)}, {task("a", "failed", "complete")}}, false}),
    [](const auto& test) { return test.param.name; });

TEST(ParseServiceTest, ReadsWhatTheEngineWrites) {
    const ServiceFacts facts = parse_service(json::parse(R"({
        "ID": "i", "Version": {"Index": 7},
        "Spec": {"Name": "a_app", "Labels": {"coop-cloud.a.version": "1"},
                 "TaskTemplate": {"ContainerSpec": {"Image": "web:1@sha256:abc", "Labels": {"x": "y"},
                                                    "Healthcheck": {"Test": ["CMD", "true"]}},
                                  "Placement": {"Platforms": [{}]}, "ForceUpdate": 0},
                 "Mode": {"Replicated": {"Replicas": 2}}, "EndpointSpec": {"Mode": "vip"}},
        "UpdateStatus": {"State": "paused", "StartedAt": "2026", "Message": "m"},
        "ServiceStatus": {"RunningTasks": 1, "DesiredTasks": 2, "CompletedTasks": 0}})"),
                                             "a");

    EXPECT_EQ(facts.name, "app");
    EXPECT_EQ(facts.image, "web:1@sha256:abc");
    EXPECT_EQ(facts.labels.at("coop-cloud.a.version"), "1");
    EXPECT_EQ(facts.container_labels.at("x"), "y");
    EXPECT_EQ(facts.running, 1U);
    EXPECT_EQ(facts.desired, 2U);
    EXPECT_FALSE(facts.job);
    EXPECT_TRUE(facts.health_check);
    EXPECT_EQ(facts.update_state, "paused");
    EXPECT_EQ(facts.update_started, "2026");
    EXPECT_EQ(facts.replaces_tasks.find("Placement"), std::string::npos);
    EXPECT_NE(facts.replaces_tasks.find("vip"), std::string::npos);
}

TEST(ParseServiceTest, NamesTheVolumesOfTheStackAlone) {
    const ServiceFacts facts = parse_service(
        json::parse(R"({"ID": "i", "Spec": {"Name": "a_app", "TaskTemplate": {"ContainerSpec": {
            "Mounts": [{"Type": "volume", "Source": "a_data", "Target": "/data"},
                       {"Type": "volume", "Source": "a_data", "Target": "/again"},
                       {"Type": "volume", "Source": "b_data", "Target": "/other"},
                       {"Type": "volume", "Target": "/anonymous"},
                       {"Type": "bind", "Source": "a_bind", "Target": "/bind"},
                       {"Type": "volume", "Source": "a_a_more", "Target": "/more"}]}}}})"),
        "a");

    EXPECT_EQ(facts.volumes, (std::vector<std::string>{"data", "a_more"}));
}

TEST(ParseServiceTest, CopesWithWhatIsLeftOutOrNull) {
    const ServiceFacts facts = parse_service(
        json::parse(R"({"ID":"i","Spec":{"Name":"b","Labels":null,"Mode":{"ReplicatedJob":null}},
                        "UpdateStatus":null})"),
        "a");

    EXPECT_EQ(facts.name, "b");
    EXPECT_TRUE(facts.job);
    EXPECT_EQ(facts.desired, 1U);
}

TEST(ParseServiceTest, RefusesAnotherForm) {
    for (const char* text : {"[]", "{}", "1", R"({"ID":1,"Spec":{"Name":"b"}})",
                             R"({"ID":"i","Spec":{"Name":"b","Mode":[]},"ServiceStatus":"x"})"}) {
        EXPECT_THROW((void)parse_service(json::parse(text), "a"), json::exception) << text;
    }
}

TEST(ParseServiceTest, RefusesCountsThatAreNone) {
    for (const char* count : {"-1", "1e300", "1.5", "true", "\"2\"", "null"}) {
        json service = json::parse(R"({"ID":"i","Spec":{"Name":"b"},"ServiceStatus":{}})");
        service["ServiceStatus"]["DesiredTasks"] = json::parse(count);
        EXPECT_THROW((void)parse_service(service, "a"), json::exception) << count;
    }
}

}  // namespace
}  // namespace ccci::platform
