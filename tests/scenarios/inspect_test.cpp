#include <fmt/format.h>
#include <signal.h>
#include <sys/stat.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "base/text.hpp"
#include "scenarios/scenario.hpp"
#include "support/json_schema.hpp"

// What `cc-ci ps` and `cc-ci show` say of real runs, at every moment of their lives.

namespace ccci::test {
namespace {

using nlohmann::json;

class InspectTest : public Scenario {
protected:
    void SetUp() override {
        Scenario::SetUp();
        ASSERT_EQ(::mkfifo((marks_ / "go").c_str(), 0600), 0);
    }

    /// Lets whoever reads the FIFO go on; waits for it.
    void go() const { std::ofstream{marks_ / "go"} << ""; }

    static std::vector<std::string> cc_ci(std::vector<std::string> arguments) {
        arguments.insert(arguments.begin(), CCCI_PROGRAM);
        return arguments;
    }

    static json show(const std::string& run) {
        ProcessUnderTest process{cc_ci({"show", "--json", run}), {}, true};
        EXPECT_EQ(process.exit_code(), 0) << process.errors();
        json shown = json::parse(process.output());
        EXPECT_EQ(JsonSchema::of_docs("show.schema.json").first_error(shown), "");
        return shown;
    }

    static std::string show_text(const std::string& run) {
        ProcessUnderTest process{cc_ci({"show", run}), {}, true};
        EXPECT_EQ(process.exit_code(), 0) << process.errors();
        return process.output();
    }

    static json ps(std::vector<std::string> options = {}) {
        options.insert(options.begin(), {"ps", "--json"});
        ProcessUnderTest process{cc_ci(std::move(options)), {}, true};
        EXPECT_EQ(process.exit_code(), 0) << process.errors();
        json shown = json::parse(process.output());
        EXPECT_EQ(JsonSchema::of_docs("ps.schema.json").first_error(shown), "");
        return shown;
    }

    static std::string ids(const json& runs) {
        std::vector<std::string> list;
        for (const json& run : runs) {
            list.push_back(run.at("run"));
        }
        return base::join(list, " ");
    }

    static void expect_refusal(const std::vector<std::string>& arguments, const std::string& text) {
        ProcessUnderTest process{cc_ci(arguments)};
        EXPECT_EQ(process.exit_code(), 2);
        EXPECT_NE(process.output().find(text), std::string::npos) << process.output();
    }

    static void expect_part(const std::string& text, const std::string& part) {
        EXPECT_NE(text.find(part), std::string::npos) << part << "\n--\n" << text;
    }
};

TEST_F(InspectTest, ShowsARunThroughItsLife) {
    ProcessUnderTest first{run_argv(
        {"--run-id", "80", "--domain", k_domain, "--teardown", "echo tearing down; cat $MARKS/go"},
        "echo first is here; cat $MARKS/go")};
    ASSERT_TRUE(first.wait_for("first is here"));
    ProcessUnderTest second{domain_argv({"--run-id", "81"}, "echo the job said this; exit 7")};
    ASSERT_TRUE(second.wait_for("waiting for"));
    ProcessUnderTest third{domain_argv({"--run-id", "82", "--deadline", "2h"}, "true")};
    ASSERT_TRUE(third.wait_for("waiting for"));

    EXPECT_EQ(ids(ps()), "82 81 80");
    const json running = show("80");
    EXPECT_EQ(running.at("state"), "running");
    EXPECT_TRUE(running.at("alive"));
    EXPECT_TRUE(running.at("phases").back().at("going_on"));
    EXPECT_EQ(running.at("unit_state"), has_unit() ? json("active (running)") : json(nullptr));
    EXPECT_TRUE(!has_unit() || !running.at("resources").is_null());
    EXPECT_EQ(running.at("current").is_null(), !has_unit());
    const json waiting = show("82");
    EXPECT_EQ(waiting.at("state"), "waiting");
    EXPECT_EQ(waiting.at("queue").at("before"), 1);
    EXPECT_EQ(show("81").at("queue").at("before"), 0);
    expect_part(show_text("82"), "; 1 run before it\n");

    go();
    ASSERT_TRUE(first.wait_for("tearing down"));
    const json ending = show("80");
    EXPECT_EQ(ending.at("state"), "tearing-down");
    EXPECT_EQ(ending.at("phases").back().at("name"), "teardown");
    go();
    EXPECT_EQ(first.exit_code(), 0);
    EXPECT_EQ(second.exit_code(), 7);
    EXPECT_EQ(third.exit_code(), 0);

    const json failed = show("81");
    EXPECT_EQ(failed.at("state"), "failed");
    EXPECT_FALSE(failed.at("alive"));
    EXPECT_EQ(failed.at("record").at("result").at("exit_code"), 7);
    const std::string text = show_text("81");
    expect_part(text, "state     failed, exit code 7: the job exited with 7\n");
    expect_part(text, "next      cc-ci logs 81 has all that it printed\n");
    expect_part(text, "\nthe job said this\n");
    expect_part(text, "teardown  clean");
    EXPECT_EQ(show(k_domain).at("record").at("run"), "82") << "the newest of the domain";
    EXPECT_EQ(ids(ps({"--state", "failed"})), "81");
    EXPECT_EQ(ids(ps({"--domain", "other-0a1b2c.ci.localhost"})), "");
}

TEST_F(InspectTest, ShowsTheOnlyRunThatIsAliveWithoutItsName) {
    expect_refusal({"show"}, "no run is alive: say which RUN to show");
    ProcessUnderTest first{run_argv({"--run-id", "83"}, "echo first is here; sleep 1000")};
    ASSERT_TRUE(first.wait_for("first is here"));
    ProcessUnderTest shown{cc_ci({"show"})};
    EXPECT_EQ(shown.exit_code(), 0);
    expect_part(shown.output(), "run       83");
    ProcessUnderTest second{run_argv({"--run-id", "84"}, "echo second is here; sleep 1000")};
    ASSERT_TRUE(second.wait_for("second is here"));
    expect_refusal({"show"}, "2 runs are alive: say which RUN to show: 84, 83");
    for (ProcessUnderTest* step : {&first, &second}) {
        step->kill(SIGTERM);
        EXPECT_EQ(step->exit_code(), 143);
    }
}

TEST_F(InspectTest, RefusesWhatItDoesNotUnderstand) {
    expect_refusal({"show", "85"}, "no run '85'");
    expect_refusal({"show", "../85"}, "invalid run id");
    expect_refusal({"show", "85", "-n", "few"}, "--lines");
    expect_refusal({"ps", "--state", "asleep"}, "--state: want one of waiting, ");
    expect_refusal({"ps", "--domain", "UPPER"}, "invalid domain 'UPPER'");
}

TEST_F(InspectTest, ExplainsEachVerdictOfARealRun) {
    struct Case {
        std::vector<std::string> options;
        std::string script;
        int code;
        std::string words;
    };
    const std::vector<std::string> in_domain{"--domain", k_domain, "--teardown", "exit 1"};
    const std::vector<Case> cases{
        {{}, "true", 0, "the job passed and nothing was left behind"},
        {{}, "kill -9 $$", 137, "killed the job or its harness"},
        {{}, "kill -11 $$", 139, "the job died of a signal"},
        {{"--deadline", "1s"}, "sleep 1000", 142, "the job was not over after 1s"},
        {in_domain, "true", 123, "cc-ci janitor --domain demo-0a1b2c.ci.localhost removes"},
        {in_domain, "exit 3", 123, "what an earlier run had left could not be removed"},
    };
    int id = 100;
    for (const Case& each : cases) {
        std::vector<std::string> options = each.options;
        options.insert(options.end(), {"--run-id", std::to_string(++id)});
        ProcessUnderTest step{run_argv(options, each.script)};
        ASSERT_EQ(step.exit_code(), each.code) << step.output();

        const std::string text = show_text(std::to_string(id));
        expect_part(base::replace_all(text, "\n          ", " "), each.words);
        expect_part(text, fmt::format("exit code {}", each.code));
        (void)show(std::to_string(id));
    }
}

TEST_F(InspectTest, SaysWhatLeaked) {
    ProcessUnderTest step{run_argv(
        {"--run-id", "86"},
        "setsid sh -c 'echo >$MARKS/go; exec sleep 4321' >/dev/null 2>&1 & cat $MARKS/go")};
    ASSERT_EQ(step.exit_code(), 0) << step.output();

    const json leaked = show("86").at("record").at("leaked");
    ASSERT_EQ(leaked.size(), 1U);
    expect_part(leaked.front(), "sleep 4321");
    expect_part(show_text("86"), "\nleaked    ");
}

TEST_F(InspectTest, WatchTellsEachChangeAndNothingElse) {
    ProcessUnderTest watch{cc_ci({"ps", "--watch", "--json"}), {}, true};
    ASSERT_TRUE(watch.wait_for("\"runs\":[]"));
    ProcessUnderTest step{domain_argv({"--run-id", "87"}, "echo is here; cat $MARKS/go")};
    ASSERT_TRUE(step.wait_for("is here"));
    ASSERT_TRUE(watch.wait_for("\"shown_state\":\"running\""));
    go();
    EXPECT_EQ(step.exit_code(), 0);
    ASSERT_TRUE(watch.wait_for("\"shown_state\":\"passed\""));

    watch.kill(SIGTERM);
    EXPECT_EQ(watch.exit_code(), 143);
    const auto schema = JsonSchema::of_docs("ps.schema.json");
    json before;
    for (const std::string& line : base::split(base::trim(watch.output()), '\n')) {
        json now = json::parse(line);
        EXPECT_EQ(schema.first_error(now), "");
        EXPECT_NE(now.at("runs"), before);
        before = now.at("runs");
    }
}

TEST_F(InspectTest, WatchTellsAtOnceThatARunIsLost) {
    ASSERT_EQ(::mkfifo((marks_ / "tearing").c_str(), 0600), 0);
    ProcessUnderTest step{run_argv(
        {"--run-id", "88", "--domain", k_domain, "--teardown", "echo >$MARKS/tearing; sleep 1000"},
        "echo is here; sleep 1000")};
    ASSERT_TRUE(step.wait_for("is here"));
    ProcessUnderTest watch{cc_ci({"ps", "--watch"}), {}, true};
    ASSERT_TRUE(watch.wait_for("running"));
    const auto record = this->record("88");
    ASSERT_TRUE(record && record->step && record->harness);

    // It must not learn that its step is gone.
    ASSERT_EQ(::kill(record->harness->pid, SIGSTOP), 0);
    ASSERT_EQ(::kill(record->step->pid, SIGKILL), 0);
    ASSERT_EQ(::kill(record->harness->pid, SIGKILL), 0);
    if (has_unit()) {
        (void)read_fifo(marks_ / "tearing");
        EXPECT_EQ(show("88").at("state"), "tearing-down") << "ExecStopPost is at work";
        const auto killed = base::run_and_capture(
            {.argv = {"systemctl", "kill", "--signal=SIGKILL", record->unit}});
        ASSERT_TRUE(killed.status.success()) << killed.text;
    }

    EXPECT_TRUE(watch.wait_for("lost"));
    const std::string text = show_text("88");
    expect_part(text, fmt::format("died in the phase '{}', and nobody is left",
                                  has_unit() ? "teardown, once more" : "job"));
    expect_part(text, "nobody saw its end");
    watch.kill(SIGINT);
    EXPECT_EQ(watch.exit_code(), 130);
}

TEST_F(InspectTest, WatchEndsWithItsReader) {
    ProcessUnderTest watch{cc_ci({"ps", "--watch"}), {}, true};
    ASSERT_TRUE(watch.wait_for("no runs"));

    watch.close_output();

    EXPECT_EQ(watch.exit_code(), 0);
}

TEST_F(InspectTest, WatchLeavesATerminalAsItWas) {
    ProcessUnderTest watch{
        {"script", "--quiet", "--return", "--command",
         fmt::format("stty rows 5 cols 40; exec {} ps --watch", CCCI_PROGRAM), "/dev/null"},
        {"TERM=xterm"}};
    ASSERT_TRUE(watch.wait_for("no runs"));
    for (int i = 0; i < 6; ++i) {
        ProcessUnderTest step{run_argv({"--run-id", fmt::format("9{}", i)}, "true")};
        ASSERT_EQ(step.exit_code(), 0);
    }
    ASSERT_TRUE(watch.wait_for("and 3 more"));
    const auto found =
        base::run_and_capture({.argv = {"pgrep", "--parent", std::to_string(watch.pid())}});
    ASSERT_EQ(::kill(std::stoi(found.text), SIGINT), 0);

    EXPECT_EQ(watch.exit_code(), 130);
    EXPECT_TRUE(watch.output().starts_with("\033[?1049h\033[?25l")) << watch.output();
    EXPECT_TRUE(watch.output().ends_with("\033[?25h\033[?1049l")) << watch.output();
    EXPECT_EQ(watch.output().find("\n\033[J"), std::string::npos) << "it would scroll";
}

}  // namespace
}  // namespace ccci::test
