#include "cli/metrics_text.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "base/files.hpp"
#include "run/tally.hpp"
#include "support/openmetrics.hpp"
#include "support/temp_dir.hpp"

namespace ccci::cli {
namespace {

using namespace std::chrono_literals;

run::Record ended(const std::string& id, std::chrono::seconds job = 10s) {
    run::Record record;
    record.run = id;
    record.state = run::State::ended;
    record.created = run::Time{} + 24h;
    record.started = *record.created + 2s;
    record.job_ended = *record.started + job;
    record.ended = *record.job_ended + 1s;
    record.verdict = run::Verdict{run::VerdictKind::passed, 0, ""};
    return record;
}

TEST(RunTallyTest, CountsEachRunOnceAndForgetsNone) {
    const test::TempDir dir;
    run::Record live = ended("3");
    live.state = run::State::running;
    live.verdict.reset();
    run::Record failed = ended("2", 4000s);
    failed.verdict->kind = run::VerdictKind::failed;
    failed.clean = false;
    failed.leaked = {"sleep"};
    failed.journal_lines = 7;

    (void)run::update_tally(dir.path(), {ended("1"), failed, live});
    const run::Tally twice = run::update_tally(dir.path(), {ended("1"), failed, live});

    EXPECT_EQ(twice.verdicts.at("passed"), 1);
    EXPECT_EQ(twice.verdicts.at("failed"), 1);
    EXPECT_EQ(twice.verdicts.at("deadline"), 0);
    EXPECT_EQ(twice.incomplete_teardowns, 1);
    EXPECT_EQ(twice.leaked_processes, 1);
    EXPECT_EQ(twice.journal_entries, 7);
    EXPECT_EQ(twice.job.sum, 4010);
    EXPECT_EQ(twice.job.counts.at(2), 1) << "10 s are within 15";
    EXPECT_EQ(twice.job.counts.back(), 1);
    EXPECT_EQ(twice.queue.counts.at(1), 2);

    const run::Tally pruned = run::update_tally(dir.path(), {ended("2")});
    EXPECT_EQ(pruned.verdicts.at("passed"), 1);
    EXPECT_EQ(pruned.counted.size(), 1);
    run::Record again = ended("1");
    *again.created += 1h;
    EXPECT_EQ(run::update_tally(dir.path(), {again}).verdicts.at("passed"), 2) << "another run 1";
}

TEST(RunTallyTest, CountsNothingTwiceWhenTheRunsWereOutOfSight) {
    const test::TempDir dir;
    (void)run::update_tally(dir.path(), {ended("1")});
    (void)run::update_tally(dir.path(), {});

    EXPECT_EQ(run::update_tally(dir.path(), {ended("1")}).verdicts.at("passed"), 1);
}

TEST(RunTallyTest, AddsPassesOfTheJanitorBesideTheRuns) {
    const test::TempDir dir;
    const run::Time first = run::Time{} + 24h;
    run::count_janitor(dir.path(), {.passes = 1, .reaped = 2, .last_pass = first + 1h});
    (void)run::update_tally(dir.path(), {ended("1")});
    run::count_janitor(dir.path(),
                       {.passes = 1, .incomplete = 1, .not_reaped = 1, .last_pass = first});
    run::count_janitor(dir.path(), {.reaped = 1});

    const run::Tally tally = run::update_tally(dir.path(), {ended("1")});

    EXPECT_EQ(tally.janitor.passes, 2);
    EXPECT_EQ(tally.janitor.incomplete, 1);
    EXPECT_EQ(tally.janitor.reaped, 3);
    EXPECT_EQ(tally.janitor.not_reaped, 1);
    EXPECT_EQ(tally.janitor.last_pass, first + 1h) << "a clock that was set back";
    EXPECT_EQ(tally.verdicts.at("passed"), 1);
}

TEST(RunTallyTest, ReadsAFileWithoutPassesOfTheJanitor) {
    const test::TempDir dir;
    (void)run::update_tally(dir.path(), {ended("1")});
    auto file = nlohmann::json::parse(base::try_read_file(dir.path() / "metrics.json").value());
    file.erase("janitor");
    std::ofstream{dir.path() / "metrics.json"} << file;

    const run::Tally tally = run::update_tally(dir.path(), {});

    EXPECT_EQ(tally.janitor.passes, 0);
    EXPECT_EQ(tally.verdicts.at("passed"), 1);
}

TEST(RunTallyTest, DoesNotBeginAnewOverAFileThatItCannotRead) {
    const test::TempDir dir;
    for (const char* text : {"", "[]", "{\"version\":2}", "{\"version\":1}"}) {
        std::ofstream{dir.path() / "metrics.json"} << text;
        EXPECT_THROW((void)run::update_tally(dir.path(), {ended("1")}), std::runtime_error) << text;
        EXPECT_EQ(base::try_read_file(dir.path() / "metrics.json"), text);
    }
}

TEST(MetricsTextTest, IsOpenMetrics) {
    run::Histogram histogram;
    histogram.add(0.5);
    histogram.add(1);
    histogram.add(1e6);
    MetricsText text{MetricsFormat::openmetrics};
    text.gauge("a_seconds", "How long.", {{{}, 1.5}});
    text.counter("b", "How many.", {{{{"name", "one \"two\" \\ three\nfour"}}, 3}});
    text.histogram("c_seconds", "How long each.", histogram);

    const std::string whole = std::move(text).finish();
    const test::OpenMetrics metrics{whole};

    EXPECT_EQ(metrics.at("a_seconds"), 1.5);
    EXPECT_EQ(metrics.at(R"(b_total{name="one \"two\" \\ three\nfour"})"), 3);
    EXPECT_EQ(metrics.at(R"(c_seconds_bucket{le="1.0"})"), 2);
    EXPECT_EQ(metrics.at(R"(c_seconds_bucket{le="3600.0"})"), 2);
    EXPECT_EQ(metrics.at(R"(c_seconds_bucket{le="+Inf"})"), 3);
    EXPECT_NE(whole.find("# TYPE b counter\n"), std::string::npos);
    EXPECT_NE(whole.find("# UNIT a_seconds seconds\n"), std::string::npos);
}

// Prometheus' own format has no units and no end, and knows a counter by its whole name.
TEST(MetricsTextTest, IsWhatNodeExporterReads) {
    MetricsText text{MetricsFormat::prometheus};
    text.gauge("a_seconds", "How long.", {{{}, 1.5}});
    text.counter("b", "How many.", {{{}, 3}});

    EXPECT_EQ(std::move(text).finish(),
              "# TYPE a_seconds gauge\n# HELP a_seconds How long.\na_seconds 1.5\n"
              "# TYPE b_total counter\n# HELP b_total How many.\nb_total 3\n");
}

}  // namespace
}  // namespace ccci::cli
