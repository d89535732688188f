#include <fmt/format.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <system_error>

#include "base/text.hpp"
#include "scenarios/scenario.hpp"
#include "support/readiness.hpp"

namespace ccci::test {
namespace {

/// The journal keeps what was said in each test, so each has run ids of its own.
class LogsCommand : public Scenario {
protected:
    static std::string logs(std::vector<std::string> arguments, int code = 0) {
        arguments.insert(arguments.begin(), {CCCI_PROGRAM, "logs"});
        ProcessUnderTest call{arguments};
        EXPECT_EQ(call.exit_code(), code) << base::join(arguments, " ") << "\n" << call.output();
        return call.output();
    }

    /// Until it watches the run, and so has seen what there was at its beginning.
    static bool becomes_a_follower(const ProcessUnderTest& logs) {
        const std::filesystem::path descriptors = fmt::format("/proc/{}/fd", logs.pid());
        return eventually([&] {
            std::error_code error;
            for (const auto& each : std::filesystem::directory_iterator{descriptors, error}) {
                const auto what = std::filesystem::read_symlink(each.path(), error);
                if (what.native().find("inotify") != std::string::npos) {
                    return true;
                }
            }
            return false;
        });
    }

    /// "line 1\n" to "line <last>\n"
    static std::string lines(int first, int last) {
        std::string text;
        for (int n = first; n <= last; ++n) {
            text += "line " + std::to_string(n) + "\n";
        }
        return text;
    }

    /// Those lines of `text` that are lines(), in their order.
    static std::string lines_in(const std::string& text) {
        std::string found;
        for (const std::string& line : base::split(text, '\n')) {
            if (line.starts_with("line ")) {
                found += line + "\n";
            }
        }
        return found;
    }
};

// Breaking it: without the last pass, what is said at the very end is missing now and then; with
// all of it instead of what was not shown yet, the lines come twice.
TEST_F(LogsCommand, FollowsToTheLastLineAndEnds) {
    ASSERT_EQ(::mkfifo((marks_ / "go").c_str(), 0600), 0);
    ProcessUnderTest run{run_argv({"--run-id", "logs-11"},
                                  "for n in $(seq 100); do echo line $n; done; cat $MARKS/go; "
                                  "for n in $(seq 101 3000); do echo line $n; done")};
    ASSERT_TRUE(run.wait_for("line 100\n"));
    ProcessUnderTest all{{CCCI_PROGRAM, "logs", "-f", "logs-11"}};
    ProcessUnderTest some{{CCCI_PROGRAM, "logs", "-f", "-n", "2", "logs-11"}};
    ASSERT_TRUE(all.wait_for("line 100\n")) << all.output();
    ASSERT_TRUE(some.wait_for("line 100\n")) << some.output();

    (void)base::open_file(marks_ / "go", O_WRONLY);

    EXPECT_EQ(all.exit_code(), 0);
    EXPECT_EQ(lines_in(all.output()), lines(1, 3000));
    EXPECT_EQ(some.exit_code(), 0);
    EXPECT_EQ(lines_in(some.output()), lines(99, 3000));
    EXPECT_EQ(run.exit_code(), 0);
    EXPECT_EQ(lines_in(logs({"-f", "logs-11"})), lines(1, 3000)) << "of a run that is over";
    EXPECT_EQ(lines_in(logs({"logs-11"})), lines(1, 3000));
}

TEST_F(LogsCommand, FollowsARunThatWaitsForItsLock) {
    ASSERT_EQ(::mkfifo((marks_ / "go").c_str(), 0600), 0);
    ProcessUnderTest first{domain_argv({"--run-id", "logs-21"}, "echo at work; cat $MARKS/go")};
    ASSERT_TRUE(first.wait_for("at work"));
    ProcessUnderTest second{domain_argv({"--run-id", "logs-22"}, "echo line 1")};
    ASSERT_TRUE(second.wait_for("waiting for"));
    ProcessUnderTest follow{{CCCI_PROGRAM, "logs", "-f", "logs-22"}};
    ProcessUnderTest none_before{{CCCI_PROGRAM, "logs", "-f", "-n", "0", "logs-22"}};
    ASSERT_TRUE(becomes_a_follower(none_before));
    ProcessUnderTest cancelled{domain_argv({"--run-id", "logs-23"}, "echo line 1")};
    ASSERT_TRUE(cancelled.wait_for("waiting for"));
    ProcessUnderTest follow_cancelled{{CCCI_PROGRAM, "logs", "-f", "logs-23"}};
    cancelled.kill(SIGTERM);
    EXPECT_EQ(follow_cancelled.exit_code(), 0);
    EXPECT_EQ(lines_in(follow_cancelled.output()), "");

    (void)base::open_file(marks_ / "go", O_WRONLY);

    EXPECT_EQ(follow.exit_code(), 0);
    EXPECT_EQ(lines_in(follow.output()), lines(1, 1));
    EXPECT_EQ(none_before.exit_code(), 0);
    EXPECT_EQ(lines_in(none_before.output()), lines(1, 1));
}

TEST_F(LogsCommand, GoesWhenNobodyReadsAnyMore) {
    ProcessUnderTest run{run_argv({"--run-id", "logs-31"}, "echo line 1; exec sleep 300")};
    ASSERT_TRUE(run.wait_for("line 1"));

    ProcessUnderTest follow{{"sh", "-c", CCCI_PROGRAM " logs -f logs-31 | head -n 1"}};

    if (has_unit()) {  // tail notices only when it has something to say
        EXPECT_EQ(follow.exit_code(), 0);
    }
    run.kill(SIGTERM);
    EXPECT_EQ(run.exit_code(), 143);
}

TEST_F(LogsCommand, ShowsOneTierOrTheEvents) {
    ProcessUnderTest run{domain_argv({"--run-id", "logs-41"}, "echo line 1")};
    ASSERT_EQ(run.exit_code(), 0) << run.output();
    if (!has_unit()) {
        EXPECT_NE(logs({"--tier", "job", "logs-41"}, 2).find("no entries in the journal"),
                  std::string::npos);
        (void)logs({"--events", "logs-41"}, 2);
        (void)logs({"--since=-1h", "logs-41"}, 2);
        (void)logs({"-o", "json", "logs-41"}, 2);
        return;
    }
    EXPECT_EQ(lines_in(logs({"--tier", "job", "logs-41"})), lines(1, 1));
    EXPECT_NE(logs({"--tier", "teardown", "logs-41"}).find("torn down\n"), std::string::npos);
    EXPECT_EQ(logs({"--tier", "teardown", "logs-41"}).find("line 1"), std::string::npos);
    const std::string events = logs({"--events", "logs-41"});
    EXPECT_EQ(("\n" + events).find("\nline 1\n"), std::string::npos) << events;
    EXPECT_NE(events.find("passed"), std::string::npos) << events;
    EXPECT_EQ(logs({"--events", "--tier", "no-such-tier", "logs-41"}), "");
}

TEST_F(LogsCommand, TellsWhatTheJournalHasLost) {
    ProcessUnderTest run{run_argv({"--run-id", "logs-61"}, "echo line 1")};
    ASSERT_EQ(run.exit_code(), 0) << run.output();
    if (!has_unit()) {
        return;
    }
    EXPECT_EQ(logs({"logs-61"}).find("has lost"), std::string::npos);
    auto more = *record("logs-61");
    ASSERT_TRUE(eventually([&] { return !more.harness->is_alive(); }));
    EXPECT_EQ(logs({"logs-61"}).find("has lost"), std::string::npos);
    ASSERT_TRUE(more.journal_lines);
    *more.journal_lines += 73000;
    run::RunDir::open(runs_ / "logs-61").write(more);

    const std::string loss = "cc-ci: the journal has lost 73000 of ";
    EXPECT_NE(logs({"logs-61"}).find(loss), std::string::npos);
    EXPECT_NE(logs({"-f", "logs-61"}).find(loss), std::string::npos);
    EXPECT_EQ(logs({"-n", "1", "logs-61"}).find(loss), std::string::npos) << "nobody asked for all";
}

TEST_F(LogsCommand, RefusesATierThatIsNone) {
    ProcessUnderTest run{run_argv({"--run-id", "logs-51"}, "true")};
    ASSERT_EQ(run.exit_code(), 0) << run.output();

    EXPECT_NE(logs({"--tier", "a=b", "logs-51"}, 2).find("'a=b'"), std::string::npos);
}

}  // namespace
}  // namespace ccci::test
