#include "launch/heartbeat.hpp"

#include <gtest/gtest.h>

#include "base/text.hpp"

namespace ccci::launch {
namespace {

using namespace std::chrono_literals;

const run::Time k_start = base::parse_time("2026-03-01T09:00:00Z");

run::Record running() {
    run::Record record;
    record.state = run::State::running;
    record.started = k_start;
    record.deadline = 60min;
    record.phases = {{"fetch", k_start, k_start + 10s}, {"install", k_start + 10s}};
    return record;
}

TEST(DescribeProgressTest, NamesThePhaseAndWhatIsLeft) {
    EXPECT_EQ(describe_progress(running(), 1min, k_start + 3min + 12s),
              "still in install, for 3min 2s; nothing printed for 1min; 56min 48s left");
}

TEST(DescribeProgressTest, HasNoDeadlineInATeardown) {
    run::Record record = running();
    record.state = run::State::tearing_down;
    record.phases.back().ended = k_start + 3min;
    record.phases.push_back({"teardown", k_start + 3min});

    EXPECT_EQ(describe_progress(record, 1min, k_start + 4min),
              "still in teardown, for 1min; nothing printed for 1min");
}

TEST(DescribeProgressTest, MakesDoWithoutPhases) {
    run::Record record = running();
    record.phases.clear();
    record.started.reset();

    EXPECT_EQ(describe_progress(record, 1min, k_start), "still at work; nothing printed for 1min");
}

TEST(DescribeProgressTest, ShowsNoTimeBelowNothing) {
    run::Record record = running();
    record.phases.back().began = k_start + 2h;

    EXPECT_EQ(describe_progress(record, 1min, k_start + 61min),
              "still in install, for 0ms; nothing printed for 1min; 0ms left");
}

TEST(DescribeProgressTest, ShowsNoControlCharacters) {
    run::Record record = running();
    record.phases.back().name = "in\x1b[2Jstall";

    EXPECT_EQ(describe_progress(record, 1min, k_start).find('\x1b'), std::string::npos);
}

}  // namespace
}  // namespace ccci::launch
