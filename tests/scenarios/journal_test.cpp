#include <fmt/format.h>
#include <signal.h>
#include <sys/stat.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/text.hpp"
#include "scenarios/scenario.hpp"

// What the journal has of a run.

namespace ccci::test {
namespace {

using nlohmann::json;

std::string shell(const std::string& command) {
    return std::string{base::trim(base::run_and_capture({.argv = {"sh", "-c", command}}).text)};
}

std::string journal(const std::string& matches, const std::string& format = "cat") {
    (void)shell("journalctl --sync");
    return shell(fmt::format("journalctl -b -q -o {} {}", format, matches));
}

/// Without a table of their differences, which may be a hundred thousand lines.
testing::AssertionResult is_same(const std::string& got, const std::string& expected) {
    const auto [a, b] = std::mismatch(got.begin(), got.end(), expected.begin(), expected.end());
    if (a == got.end() && b == expected.end()) {
        return testing::AssertionSuccess();
    }
    const auto at = static_cast<std::size_t>(a - got.begin());
    const std::size_t from = at < 60 ? 0 : at - 60;
    return testing::AssertionFailure() << "at byte " << at << ": '" << got.substr(from, 120)
                                       << "' instead of '" << expected.substr(from, 120) << "'";
}

std::vector<json> entries(const std::string& matches) {
    std::vector<json> all;
    for (const std::string& line : base::split(journal(matches, "json"), '\n')) {
        if (!line.empty()) {
            all.push_back(json::parse(line));
        }
    }
    return all;
}

std::string lines(const std::string& prefix, int count) {
    std::string text;
    for (int n = 1; n <= count; ++n) {
        text += fmt::format("{}{}{}", prefix, n, n < count ? "\n" : "");
    }
    return text;
}

class JournalTest : public Scenario {
protected:
    void SetUp() override {
        Scenario::SetUp();
        if (std::getenv("CCCI_SANDBOX") == nullptr) {
            GTEST_SKIP() << "not in tests/sandbox/sandbox";
        }
        ASSERT_EQ(::mkfifo((marks_ / "go").c_str(), 0600), 0);
    }

    void go() const { std::ofstream{marks_ / "go"} << ""; }

    [[nodiscard]] std::string phases(const std::string& id) const {
        std::string text;
        const run::Record kept = *record(id);
        for (const run::PhaseTime& phase : kept.phases) {
            EXPECT_TRUE(phase.ended) << phase.name;
            text += phase.name + " ";
        }
        return text;
    }
};

constexpr const char* k_tell = "tell() { echo $1 >>$CCCI_PHASE_FILE; echo \"== $1 ==\"; }; ";

TEST_F(JournalTest, HasTheLinesOfOneTier) {
    // Bursts that fill the pipe, and tiers that are over at once.
    ProcessUnderTest step{
        run_argv({"--run-id", "1", "--domain", k_domain, "--teardown", "echo removing"},
                 k_tell + std::string{"tell fetch; seq -f 'f %.0f' 3; "
                                      "tell install; seq -f 'i %.0f' 30000; "
                                      "tell upgrade; tell backup; tell restore; "
                                      "tell custom; seq -f 'c %.0f' 20000; printf 'no end'"}),
        {},
        true};
    ASSERT_EQ(step.exit_code(), 0) << step.errors();

    const std::string run = "CC_CI_RUN=1 ";
    EXPECT_TRUE(
        is_same(journal(run + "CC_CI_TIER=fetch"), "phase fetch\n== fetch ==\n" + lines("f ", 3)));
    EXPECT_TRUE(is_same(journal(run + "CC_CI_TIER=install"),
                        "phase install\n== install ==\n" + lines("i ", 30000)));
    EXPECT_TRUE(is_same(journal(run + "CC_CI_TIER=backup"), "phase backup\n== backup =="));
    EXPECT_TRUE(is_same(journal(run + "CC_CI_TIER=custom"),
                        "phase custom\n== custom ==\n" + lines("c ", 20000) + "\nno end"));
    EXPECT_TRUE(
        is_same(journal(run + "CC_CI_TIER=teardown"), "phase teardown\nremoving\nrun 1 passed"));
    EXPECT_EQ(phases("1"), "fetch install upgrade backup restore custom teardown ");
}

TEST_F(JournalTest, HasEveryLineOfABurst) {
    ProcessUnderTest step{run_argv({"--run-id", "2"}, "seq -f 'burst %.0f' 100000"), {}, true};
    ASSERT_EQ(step.exit_code(), 0) << step.errors();

    EXPECT_TRUE(is_same(journal("CC_CI_RUN=2 CC_CI_TIER=job"),
                        "phase job\n" + lines("burst ", 100'000) + "\nrun 2 passed"));
    // And "started".
    EXPECT_EQ(record("2")->journal_lines, 100'003U);
}

TEST_F(JournalTest, HasOneValueOfEachField) {
    ProcessUnderTest step{run_argv({"--run-id", "3", "--domain", k_domain, "--teardown", "true"},
                                   "echo line; exit 3")};
    ASSERT_EQ(step.exit_code(), 3);

    const auto all = entries("CC_CI_RUN=3 _COMM=cc-ci-harness");
    ASSERT_EQ(all.size(), 5U);
    for (const json& entry : all) {
        for (const auto& [name, value] : entry.items()) {
            EXPECT_TRUE(value.is_string()) << name << ": " << value;
        }
        EXPECT_EQ(entry.at("CC_CI_DOMAIN"), k_domain);
        EXPECT_EQ(entry.at("SYSLOG_IDENTIFIER"), "cc-ci");
        EXPECT_EQ(entry.at("_SYSTEMD_UNIT"), "cc-ci-run-3.service");
    }
    EXPECT_EQ(all[0].at("CC_CI_EVENT"), "started");
    EXPECT_EQ(all[1].at("CC_CI_EVENT"), "phase");
    EXPECT_EQ(all[2].at("MESSAGE"), "line");
    EXPECT_EQ(all[4].at("CC_CI_EVENT"), "ended");
    EXPECT_EQ(all[4].at("CC_CI_VERDICT"), "failed");
    EXPECT_EQ(all[4].at("CC_CI_EXIT_CODE"), "3");
}

TEST_F(JournalTest, PassesOnWhatIsNoText) {
    ProcessUnderTest step{
        run_argv({"--run-id", "4"}, "printf 'a\\000b\\033[2J\\n\\n\\377\\nlast'")};
    ASSERT_EQ(step.exit_code(), 0);

    const auto all = entries("CC_CI_RUN=4 CC_CI_TIER=job");
    ASSERT_EQ(all.size(), 6U);
    EXPECT_EQ(all[1].at("MESSAGE"), (json{'a', 0, 'b', 033, '[', '2', 'J'}));
    EXPECT_EQ(all[2].at("MESSAGE"), "");
    EXPECT_EQ(all[3].at("MESSAGE"), json{0xff});
    EXPECT_EQ(all[4].at("MESSAGE"), "last");
}

// Case 36.
TEST_F(JournalTest, LosesNothingWhenTheJournalIsRestarted) {
    ProcessUnderTest step{
        run_argv({"--run-id", "5"},
                 "seq -f 'line %.0f' 5000; cat $MARKS/go; seq -f 'line %.0f' 5001 60000"),
        {},
        true};
    ASSERT_TRUE(step.wait_for("line 5000\n"));
    std::ofstream{marks_ / "go"} << "";
    for (int round = 0; round < 3; ++round) {
        (void)shell("systemctl restart systemd-journald.service");
    }

    ASSERT_EQ(step.exit_code(), 0) << step.errors();
    EXPECT_EQ(shell("journalctl --sync; journalctl -b -q -o cat CC_CI_RUN=5 | grep -c '^line '"),
              "60000");
}

TEST_F(JournalTest, HangsNobodyWhenItTakesNothing) {
    ProcessUnderTest step{run_argv({"--run-id", "6"}, "echo job is here; cat $MARKS/go; yes")};
    ASSERT_TRUE(step.wait_for("job is here"));
    const std::string pid = shell("systemctl show --value -p MainPID systemd-journald.service");
    ASSERT_EQ(shell("kill -STOP " + pid + " && echo stopped"), "stopped");
    go();
    ASSERT_TRUE(step.wait_for("y\ny\n"));
    (void)shell("sleep 0.5");  // until the pipe is full as well

    step.kill(SIGTERM);
    const int code = step.exit_code();
    (void)shell("kill -CONT " + pid);

    EXPECT_EQ(code, 143);
    EXPECT_EQ(record("6")->verdict->kind, run::VerdictKind::cancelled);
}

// What fits into the kernel's queue, that is: some hundred entries that the journal is slow to
// take.
TEST_F(JournalTest, HasTheWholeLinesOfAHarnessThatWasKilled) {
    for (int round = 0; round < 5; ++round) {
        const std::string id = fmt::format("7-{}", round);
        ProcessUnderTest step{
            run_argv({"--run-id", id, "--domain", k_domain, "--teardown", "echo removing"},
                     "seq -f 'line %.0f' 100; printf 'half a l'; cat $MARKS/go")};
        ASSERT_TRUE(step.wait_for("half a l"));

        ASSERT_EQ(::kill(record(id)->harness->pid, SIGKILL), 0);
        EXPECT_EQ(step.exit_code(), 137) << step.output();

        EXPECT_TRUE(is_same(journal(fmt::format("CC_CI_RUN={} CC_CI_TIER=job", id)),
                            "phase job\n" + lines("line ", 100)));
        const std::string after =
            journal(fmt::format("CC_CI_RUN={} 'CC_CI_TIER=teardown, once more'", id));
        EXPECT_TRUE(after.starts_with("phase teardown, once more\nremoving\nrun 7-")) << after;
        const auto kept = record(id);
        ASSERT_EQ(kept->phases.size(), 2U);
        EXPECT_EQ(kept->phases[0].name, "job");
        EXPECT_TRUE(kept->resources);
    }
}

TEST_F(JournalTest, HasTheEndOfARunThatWasNeverCarried) {
    ProcessUnderTest holder{
        run_argv({"--run-id", "8", "--domain", k_domain}, "echo here; cat $MARKS/go")};
    ASSERT_TRUE(holder.wait_for("here"));
    ProcessUnderTest refused{
        run_argv({"--run-id", "9", "--domain", k_domain, "--no-wait"}, "true")};
    EXPECT_EQ(refused.exit_code(), 75);
    ProcessUnderTest scope{run_argv({"--run-id", "10", "--scope"}, "exit 4")};
    EXPECT_EQ(scope.exit_code(), 4) << scope.output();
    go();
    EXPECT_EQ(holder.exit_code(), 0);

    for (const auto& [id, verdict, code] :
         std::vector<std::tuple<std::string, std::string, std::string>>{
             {"8", "passed", "0"}, {"9", "refused", "75"}, {"10", "failed", "4"}}) {
        const auto all = entries("CC_CI_EVENT=ended CC_CI_RUN=" + id);
        ASSERT_EQ(all.size(), 1U) << id;
        EXPECT_EQ(all[0].at("CC_CI_VERDICT"), verdict);
        EXPECT_EQ(all[0].at("CC_CI_EXIT_CODE"), code);
    }
}

TEST_F(JournalTest, ExplainsItsEvents) {
    ASSERT_EQ(
        shell("cp " CCCI_SOURCE_DIR "/src/packaging/cc-ci.catalog /usr/lib/systemd/catalog/ && "
              "journalctl --update-catalog && echo updated"),
        "updated");
    ProcessUnderTest step{run_argv({"--run-id", "11"}, "sleep 100 & exit 3")};
    ASSERT_EQ(step.exit_code(), 3);

    const std::string told = journal("-x CC_CI_RUN=11", "short");

    for (const char* text :
         {"Subject: Run 11 has begun", "Subject: The job of run 11 left a process behind",
          "Subject: Run 11 has ended: failed", "with exit code 3.", "cc-ci show 11"}) {
        EXPECT_NE(told.find(text), std::string::npos) << text << "\n" << told;
    }
}

TEST_F(JournalTest, HasTheTiersOfAUsersRun) {
    ASSERT_EQ(shell("id ccci-test >/dev/null 2>&1 || useradd --uid 1500 --create-home ccci-test; "
                    "loginctl enable-linger ccci-test && systemctl start user@1500.service && "
                    "echo ready"),
              "ready");
    const std::string home = dir_.path() / "home";
    ASSERT_EQ(shell(fmt::format("install -d -o ccci-test {0} {0}/locks && chmod 711 {1} && "
                                "echo ready",
                                home, dir_.path().native())),
              "ready");
    std::ofstream{home + "/job"} << k_tell
                                 << "tell install; seq -f 'i %.0f' 3000; tell custom; echo c";

    ProcessUnderTest step{{"setpriv",
                           "--reuid",
                           "1500",
                           "--regid",
                           "1500",
                           "--init-groups",
                           "env",
                           "-i",
                           "PATH=/usr/bin:/bin",
                           "CCCI_RUNS_DIR=" + home + "/runs",
                           "CCCI_APP_LOCK_DIR=" + home + "/locks",
                           CCCI_PROGRAM,
                           "run",
                           "--run-id",
                           "12",
                           "--domain",
                           k_domain,
                           "--teardown",
                           "true",
                           "--",
                           "sh",
                           home + "/job"}};

    ASSERT_EQ(step.exit_code(), 0) << step.output();
    EXPECT_TRUE(is_same(journal("CC_CI_RUN=12 CC_CI_TIER=install"),
                        "phase install\n== install ==\n" + lines("i ", 3000)));
    for (const json& entry : entries("CC_CI_RUN=12 CC_CI_TIER=custom")) {
        EXPECT_EQ(entry.at("_SYSTEMD_USER_UNIT"), "cc-ci-run-12.service");
        EXPECT_EQ(entry.at("CC_CI_DOMAIN"), k_domain);
    }
}

TEST_F(JournalTest, KeepsThePhaseInTheRecordWhenAllIsKilled) {
    ProcessUnderTest step{
        run_argv({"--run-id", "13"}, k_tell + std::string{"tell install; cat $MARKS/go"})};
    ASSERT_TRUE(step.wait_for("== install =="));
    const run::Record kept = *record("13");

    EXPECT_EQ(kept.state, run::State::running);
    EXPECT_EQ(kept.phase, "install");
    EXPECT_TRUE(kept.job_started);
    EXPECT_TRUE(kept.resources);
    go();
    EXPECT_EQ(step.exit_code(), 0);
}

}  // namespace
}  // namespace ccci::test
