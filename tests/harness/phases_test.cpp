#include "harness/phases.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <string>

namespace ccci::harness {
namespace {

using namespace std::chrono_literals;

run::Time at(int second) {
    return run::Time{} + std::chrono::seconds{second};
}

std::string shown(const run::Record& record) {
    std::string text;
    for (const run::PhaseTime& phase : record.phases) {
        text += phase.name + " " + std::to_string(phase.began.time_since_epoch() / 1s) + "-" +
                (phase.ended ? std::to_string(phase.ended->time_since_epoch() / 1s) : "") + ", ";
    }
    return text + "now " + record.phase;
}

TEST(PhasesTest, FollowEachOther) {
    run::Record record;

    begin_phase(record, "clean slate", at(1));
    begin_phase(record, "job", at(2));
    EXPECT_TRUE(tell_phase(record, "install", false, at(3)));
    EXPECT_FALSE(tell_phase(record, "install", false, at(4)));
    begin_phase(record, "teardown", at(5));
    EXPECT_EQ(shown(record), "clean slate 1-2, job 2-3, install 3-5, teardown 5-, now teardown");

    end_phases(record, at(6));
    EXPECT_EQ(shown(record), "clean slate 1-2, job 2-3, install 3-5, teardown 5-6, now ");
}

TEST(PhasesTest, ThatWhichIsToldFirstIsTheJobFromItsBeginning) {
    run::Record record;
    begin_phase(record, "job", at(1));

    EXPECT_TRUE(tell_phase(record, "fetch", true, at(2)));
    EXPECT_TRUE(tell_phase(record, "install", false, at(3)));

    EXPECT_EQ(shown(record), "fetch 1-3, install 3-, now install");
}

TEST(PhasesTest, AreNotWithoutNumber) {
    run::Record record;
    begin_phase(record, "job", at(1));
    for (int n = 0; n < 1000; ++n) {
        (void)tell_phase(record, "p" + std::to_string(n), false, at(2));
    }
    begin_phase(record, "teardown", at(3));

    EXPECT_EQ(record.phases.size(), k_most_phases);
    EXPECT_EQ(record.phase, "teardown");
}

}  // namespace
}  // namespace ccci::harness
