#include <fmt/format.h>
#include <gtest/gtest.h>

#include <chrono>
#include <nlohmann/json.hpp>

#include "base/text.hpp"
#include "cli/show_view.hpp"
#include "cli/text_width.hpp"
#include "inspect/advice.hpp"
#include "support/json_schema.hpp"

namespace ccci::cli {
namespace {

using namespace std::chrono_literals;
using run::VerdictKind;

class ShowTest : public testing::Test {
protected:
    ShowTest() {
        run::Record& record = report_.record;
        record.run = "267";
        record.domain = "demo-0a1b2c.ci.localhost";
        record.unit = "cc-ci-run-267.service";
        record.manager = "system";
        record.job = "recipe demo#2";
        record.state = run::State::running;
        record.deadline = 1h;
        record.teardown_budget = 10min;
        record.created = run::Time{} + 24h;
        record.started = *record.created + 2s;
        record.phases = {{"clean slate", *record.started, *record.started + 1s},
                         {"install", *record.started + 1s, {}}};
        record.phase = "install";
        report_.user = "root";
        report_.state = "running";
        report_.carried = true;
        report_.now = *record.created + 1min;
        report_.unit_state = "active (running)";
    }

    void end_with(run::Verdict verdict) {
        report_.record.state = run::State::ended;
        report_.record.verdict = std::move(verdict);
        report_.record.ended = report_.now;
        report_.state = run::to_string(report_.record.verdict->kind);
        report_.carried = false;
        report_.unit_state = "gone";
    }

    [[nodiscard]] std::string text() const { return base::join(show_lines(report_, {}), "\n"); }

    void expect_text(const std::string& part) const {
        EXPECT_NE(text().find(part), std::string::npos) << part << "\n--\n" << text();
    }

    inspect::RunReport report_;
};

TEST_F(ShowTest, HasThePhasesOfALiveRun) {
    expect_text("state     running\n");
    expect_text("unit      cc-ci-run-267.service of the system manager, active (running)\n");
    expect_text("deadline  1h, 59min 2s left; then 10min for the teardown");
    EXPECT_NE(text().find("\nqueue        "), std::string::npos) << text();
    expect_text("  2s\n");
    expect_text("  57s   going on");
}

TEST_F(ShowTest, SaysInWhichPhaseARunWasLost) {
    report_.carried = false;
    report_.state = "lost";

    expect_text("all that carried it died in the phase 'install', and nobody is left");
    expect_text("cc-ci janitor --domain demo-0a1b2c.ci.localhost");
    expect_text("nobody saw its end");
}

TEST_F(ShowTest, SaysForWhomItWaits) {
    report_.record.state = run::State::waiting;
    report_.record.started = std::nullopt;
    report_.record.phases = {};
    report_.record.phase = "for 266";
    report_.state = "waiting";
    report_.queue = inspect::QueuePlace{2};

    expect_text("queue     for 266, for 1min; 2 runs before it");
    EXPECT_EQ(inspect::phases_of(report_.record).size(), 1U);
}

TEST_F(ShowTest, DoesNotCallAJobCleanThatLeftProcesses) {
    end_with({VerdictKind::passed, 0, ""});
    report_.record.leaked = {"sleep 600"};

    expect_text("the job passed, but had not ended all that it started");
    expect_text("leaked    sleep 600\n");
}

TEST_F(ShowTest, ExplainsEveryVerdict) {
    const std::vector<std::pair<run::Verdict, std::string>> all{
        {{VerdictKind::passed, 0, ""}, "nothing was left behind"},
        {{VerdictKind::failed, 7, "the job exited with 7"}, "cc-ci logs 267 has all"},
        {{VerdictKind::failed, 126, ""}, "check its mode"},
        {{VerdictKind::failed, 127, ""}, "no such command"},
        {{VerdictKind::cancelled, 143, ""}, "stopped before the job was over"},
        {{VerdictKind::superseded, 143, ""}, "cc-ci show demo-0a1b2c.ci.localhost has the newer"},
        {{VerdictKind::deadline, 142, ""}, "was not over after 1h"},
        {{VerdictKind::killed, 137, ""}, "journalctl --unit cc-ci-run-267.service"},
        {{VerdictKind::out_of_memory, 137, ""}, "raise --memory-max"},
        {{VerdictKind::refused, 75, ""}, "cc-ci locks says who holds it"},
        {{VerdictKind::refused, 123, ""}, "what an earlier run had left"},
        {{VerdictKind::refused, 125, ""}, "cc-ci doctor"},
        {{VerdictKind::leftovers, 123, ""}, "cc-ci janitor --domain demo-0a1b2c.ci.localhost"},
    };
    for (const auto& [verdict, words] : all) {
        end_with(verdict);
        expect_text(words);
        expect_text(fmt::format("state     {}, exit code {}", run::to_string(verdict.kind),
                                verdict.exit_code));
    }
}

TEST_F(ShowTest, SaysThatATeardownIsIncomplete) {
    end_with({VerdictKind::failed, 1, "the job exited with 1"});
    report_.record.clean = false;
    report_.record.teardown_note = "1 service is left";

    expect_text("teardown  INCOMPLETE: 1 service is left");
    expect_text("next      cc-ci janitor --domain demo-0a1b2c.ci.localhost removes what the");
}

TEST_F(ShowTest, HasWhatItUsed) {
    report_.resources = run::Resources{.cpu = 1500ms,
                                       .memory_peak = 3 << 20,
                                       .tasks_peak = 12,
                                       .io_read = 2048,
                                       .io_written = 0,
                                       .oom_kills = 2,
                                       .cpu_pressure = 20ms};
    report_.current = run::Current{.memory = 1 << 20, .tasks = 4};

    expect_text(
        "used      cpu 1.5s, memory 1.0M now, memory 3.0M at most, 4 tasks now, 12 tasks at "
        "most, read 2.0K, written 0B, 2 OOM kills");
    expect_text("pressure  some task waited for cpu 20ms");
}

TEST_F(ShowTest, HasWhatLeakedAndWhatTheJournalLost) {
    end_with({VerdictKind::passed, 0, ""});
    report_.record.leaked = {"sleep 1000", "daemon\n"};
    report_.journal = inspect::JournalReport{.handed = 100, .found = 60};
    report_.output = {"a line", "\033[31mred"};

    expect_text("leaked    sleep 1000\nleaked    daemon\\x0a\n");
    expect_text("journal   the journal has lost 40 of 100 lines (rate limit)");
    expect_text("LAST LINES\na line\n\\x1b[31mred");
}

TEST_F(ShowTest, HasTheTiersOfARecipe) {
    report_.recipe =
        inspect::parse_results(R"({"verdict": "failed", "level": {"reached": 1, "of": 5},
        "tiers": [{"tier": "install", "result": "pass", "message": null, "seconds": 2.5, "tests": []},
                  {"tier": "custom", "result": "fail", "message": "1 of 2 tests failed",
                   "seconds": 1, "tests": [
                       {"name": "custom/login", "result": "fail", "message": "HTTP 500"},
                       {"name": "custom/mail", "result": "pass", "message": null}]}]})");
    ASSERT_TRUE(report_.recipe);

    expect_text("install  pass    2.5s");
    expect_text("custom   fail    1s    1 of 2 tests failed");
    expect_text("failed    custom/login: HTTP 500\nlevel 1 of 5");
    EXPECT_FALSE(inspect::parse_results("{}"));
    EXPECT_FALSE(inspect::parse_results("no JSON"));
}

TEST_F(ShowTest, FitsAnEightyColumnTerminal) {
    end_with({VerdictKind::failed, 1, "the job exited with 1"});
    report_.record.clean = false;
    report_.record.teardown_note =
        "removed 4 services, 1 network, 2 secrets, 3 volumes, 1 env "
        "file in 6.1s; nothing left but what is listed in the log";
    for (const std::string& line : show_lines(report_, {.width = 80, .unicode = true})) {
        EXPECT_LE(width_of(line), 80U) << line;
    }
}

TEST_F(ShowTest, IsShownAsItsSchemaSays) {
    const auto schema = test::JsonSchema::of_docs("show.schema.json");
    EXPECT_EQ(schema.first_error(show_json(report_)), "");

    report_.recipe =
        inspect::RecipeReport{.verdict = "failed",
                              .level = 1,
                              .of = 5,
                              .tiers = {{.name = "custom", .failed = {{"login", "HTTP 500"}}}}};
    report_.queue = inspect::QueuePlace{1};
    report_.resources = run::Resources{.cpu = 1s};
    report_.current = run::Current{.memory = 1, .tasks = {}};
    report_.journal = inspect::JournalReport{.handed = 1, .found = 1};
    EXPECT_EQ(schema.first_error(show_json(report_)), "");
}

TEST(PhasesTest, AreMadeUpForARecordOfAnEarlierVersion) {
    run::Record record;
    record.created = run::Time{} + 24h;
    EXPECT_EQ(inspect::phases_of(record).size(), 1U);
    record.started = *record.created + 1s;
    EXPECT_EQ(inspect::phases_of(record).back().name, "job");
    record.job_ended = *record.created + 2s;
    EXPECT_EQ(inspect::phases_of(record).back().name, "teardown");
    EXPECT_TRUE(inspect::phases_of(run::Record{}).empty());
}

}  // namespace
}  // namespace ccci::cli
