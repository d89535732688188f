#include <fmt/format.h>
#include <signal.h>

#include <nlohmann/json.hpp>

#include "scenarios/warm_scenario.hpp"

namespace ccci::test {
namespace {

TEST_F(WarmScenario, QuickRunsLeaveTheWarmAppAsItWas) {
    EXPECT_EQ(call(quick_argv("0", "main")), 2);
    EXPECT_TRUE(said("has no warm app; cc-ci warm promote --recipe guestbook makes one"))
        << output_;
    ASSERT_NO_FATAL_FAILURE(make_warm_app());

    branch("good");
    EXPECT_EQ(call(quick_argv("1", "good")), 0) << output_;
    EXPECT_TRUE(said("over the warm app, which is 1.0.0+1.0.0 (")) << output_;
    EXPECT_TRUE(said("signed by a test")) << output_;
    EXPECT_TRUE(
        said("passed, quick lane, lower confidence: upgrade passed, custom skipped, "
             "deploys 1, teardown clean"))
        << output_;
    EXPECT_EQ(results("1").at("lane"), "quick");
    EXPECT_EQ(results("1").at("level"), nullptr);
    expect_canonical();

    // It never answers again, and has lost the book.
    branch("broken");
    edit("exec httpd -f -p 8080 -h /srv", "rm /data/entries; exec sleep 1000");
    source_.commit("README.md", "it never answers");
    EXPECT_EQ(call(quick_argv("2", "broken")), 1) << output_;
    EXPECT_TRUE(said("not healthy after 5s")) << output_;
    EXPECT_TRUE(said("teardown clean")) << output_;
    expect_canonical();

    EXPECT_EQ(call({"janitor"}), 0) << output_;
    expect_canonical();
}

TEST_F(WarmScenario, WhateverIsKilledIsBroughtBack) {
    ASSERT_NO_FATAL_FAILURE(make_warm_app());

    // The unit, by whoever has the right to: ExecStopPost brings the app back.
    branch("hanging");
    source_.write("tests/upgrade/zz", "#!/bin/sh\necho it hangs\nexec sleep 1000\n", 0755);
    source_.commit("README.md", "it hangs");
    {
        ProcessUnderTest step{argv(quick_argv("3", "hanging"))};
        ASSERT_TRUE(step.wait_for("it hangs")) << step.output();
        EXPECT_NE(page(), before_);
        (void)shell("systemctl kill --signal=KILL cc-ci-run-3.service");
        EXPECT_EQ(step.exit_code(), 137) << step.output();
    }
    expect_canonical();

    // A restore, in the middle; the one after it completes it.
    const std::string failing = CCCI_BUILD "/failing/bin/cc-ci";
    const std::string hits = "CCCI_FAILPOINT_DIR=" + dir_.path().native();
    EXPECT_EQ(
        call(quick_argv("4", "1.0.0+1.0.0"), {"CCCI_FAILPOINT=warm.filled:kill", hits}, failing), 1)
        << output_;
    EXPECT_TRUE(said("changed nothing")) << output_;
    EXPECT_TRUE(fs::exists(dir_.path() / "warm.filled.hit"));
    expect_canonical();

    // A promotion, when it has just switched to another state.
    branch("next");
    EXPECT_EQ(call(promote_argv("5", "next"), {"CCCI_FAILPOINT=warm.switched:kill", hits}, failing),
              137)
        << output_;
    EXPECT_TRUE(said("teardown clean")) << output_;
    ASSERT_EQ(call({"warm", "list", "--json"}), 0) << output_;
    const auto apps = nlohmann::json::parse(output_);
    EXPECT_EQ(apps.at(0).at("commit"), source_.git({"rev-parse", "next"}));
    EXPECT_EQ(apps.at(0).at("touched"), false);
    EXPECT_EQ(page(), before_);
}

TEST_F(WarmScenario, ReconcileBringsBackWhatIsGone) {
    ASSERT_NO_FATAL_FAILURE(make_warm_app());
    EXPECT_EQ(call({"warm", "reconcile"}), 0) << output_;
    EXPECT_FALSE(said("deployed")) << output_;

    (void)shell(
        fmt::format("docker service rm {0}_app {0}_db; "
                    "timeout 30 sh -c 'until docker volume rm {0}_data; do sleep 0.1; done'",
                    k_stack));
    EXPECT_EQ(shell("docker volume ls -q"), "");
    EXPECT_EQ(call({"warm", "reconcile"}), 0) << output_;
    EXPECT_TRUE(said("the warm app is 1.0.0+1.0.0 (")) << output_;
    expect_canonical();

    // One that is at work is skipped.
    ProcessUnderTest holder{
        argv({"run", "--domain", k_warm, "--", "sh", "-c", "echo at work; exec sleep 1000"})};
    ASSERT_TRUE(holder.wait_for("at work"));
    EXPECT_EQ(call({"warm", "reconcile"}), 0) << output_;
    EXPECT_TRUE(said("guestbook: skipped, a run is at work on it")) << output_;
    holder.kill(SIGTERM);
    EXPECT_EQ(holder.exit_code(), 143);

    // No copy of a secret exists.
    (void)shell(fmt::format("docker service rm {0}_app {0}_db; docker secret rm {0}_db_password_v1",
                            k_stack));
    EXPECT_EQ(call({"warm", "reconcile"}), 1) << output_;
    EXPECT_TRUE(said("db_password_v1 is gone, and no copy of it exists")) << output_;
}

}  // namespace
}  // namespace ccci::test
