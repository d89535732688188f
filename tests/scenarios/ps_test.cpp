#include <signal.h>

#include <nlohmann/json.hpp>

#include "base/descendants.hpp"
#include "scenarios/run_scenario.hpp"

// Who runs, and who waits.

namespace ccci::test {
namespace {

TEST_F(RunTest, PsShowsWhoRunsAndWhoWaits) {
    ProcessUnderTest first{domain_argv({"--run-id", "80"}, "echo first is here; sleep 1000")};
    ASSERT_TRUE(first.wait_for("first is here"));
    ProcessUnderTest second{domain_argv({"--run-id", "81"}, "true")};
    ASSERT_TRUE(second.wait_for("waiting for"));

    ProcessUnderTest table{{CCCI_PROGRAM, "ps"}, {}, true};
    ProcessUnderTest as_json{{CCCI_PROGRAM, "ps", "--json"}, {}, true};

    ASSERT_EQ(table.exit_code(), 0);
    ASSERT_EQ(as_json.exit_code(), 0);
    EXPECT_NE(table.output().find("for 80"), std::string::npos) << table.output();
    const auto list = nlohmann::json::parse(as_json.output());
    ASSERT_EQ(list.size(), 2U);
    EXPECT_EQ(list.at(0).at("shown_state"), "waiting");
    EXPECT_EQ(list.at(1).at("shown_state"), "running");

    first.kill(SIGTERM);
    EXPECT_EQ(first.exit_code(), 143);
    EXPECT_EQ(second.exit_code(), 0);
}

// Case 15. After a reboot, pid and start time of a record may be those of anybody.
TEST_F(RunTest, TakesNobodyOfThisBootForARunOfAnother) {
    ProcessUnderTest stranger{{"sleep", "1000"}};
    run::ProcessId forged{.pid = stranger.pid(),
                          .start_ticks = base::process_facts(stranger.pid())->start_ticks,
                          .boot = base::boot_id()};
    ASSERT_TRUE(forged.is_alive());
    forged.boot = "0d5f2c4e-6c1e-4b59-8f0f-3a1b7d2e9c10";
    for (const auto& [id, state] : std::vector<std::pair<std::string, run::State>>{
             {"50", run::State::waiting}, {"51", run::State::running}}) {
        run::Record dead;
        dead.run = id;
        dead.manager = "none";
        dead.state = state;
        dead.created = std::chrono::system_clock::now();
        dead.step = forged;
        dead.harness = forged;
        run::RunDir::create(runs_, id).write(dead);

        ProcessUnderTest ps{{CCCI_PROGRAM, "ps", "--json"}};
        EXPECT_EQ(ps.exit_code(), 0) << ps.output();
        EXPECT_NE(ps.output().find(R"("shown_state": "lost")"), std::string::npos) << ps.output();
        ProcessUnderTest cancel{{CCCI_PROGRAM, "cancel", "--no-wait", id}};
        EXPECT_EQ(cancel.exit_code(), 0) << cancel.output();
        EXPECT_NE(cancel.output().find("is over already"), std::string::npos) << cancel.output();
        std::filesystem::remove_all(runs_ / id);
    }

    // The first signal counts: had it got a TERM, that would be its end.
    stranger.kill(SIGKILL);
    EXPECT_EQ(stranger.exit_code(), 128 + SIGKILL) << "it got a TERM that was not for it";
}

}  // namespace
}  // namespace ccci::test
