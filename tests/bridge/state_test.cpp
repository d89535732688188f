#include "bridge/state.hpp"

#include <gtest/gtest.h>

#include "bridge/backoff.hpp"
#include "bridge/moment.hpp"

namespace ccci::bridge {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;

State full_state() {
    State state;
    state.repositories["recipes/immich"] = {
        .floor = k_moment,
        .cursor = k_moment + seconds{1},
        .seen = {{.comment = 31, .created = k_moment, .delivery = "d-1"}}};
    state.repositories["recipes/ghost"] = {};
    Errand errand;
    errand.comment = 31;
    errand.repository = "recipes/immich";
    errand.pull_request = 7;
    errand.author = "maria";
    errand.lane = naming::Lane::quick;
    errand.asked = k_moment;
    errand.step = Step::over;
    errand.commit = "4f2c";
    errand.source = "eve/immich";
    errand.tried = k_moment + seconds{2};
    errand.build = 291;
    errand.run = "291-2";
    errand.is_running = true;
    errand.progress = "upgrade";
    errand.trouble = "Drone does not answer";
    errand.troubled_since = k_moment + seconds{3};
    errand.tries = 2;
    errand.next = k_moment + milliseconds{3500};
    errand.result = Result{
        .ending = Ending::out_of_memory,
        .reason = "it took too much",
        .took = seconds{41},
        .summary = Summary{
            .lane = "full", .level = "level 1 of 5", .tiers = {{"install", "passed", "m", 1.5}}}};
    errand.ended = k_moment + seconds{44};
    errand.shown_status = "x";
    state.errands.push_back(errand);
    state.errands.emplace_back().comment = 32;
    state.replies[{"recipes/immich", 7}] = {.comment = 99,
                                            .marker = "12ab",
                                            .making = k_moment,
                                            .text = "hello",
                                            .told = "Queued",
                                            .written = k_moment + seconds{5},
                                            .tries = 1,
                                            .next = k_moment + seconds{6}};
    return state;
}

TEST(StateTest, IsTheSameAfterARestart) {
    EXPECT_EQ(decode_state(encode(full_state())), full_state());
    EXPECT_EQ(decode_state(encode({})), State{});
}

TEST(StateTest, KeepsEveryStepAndEnding) {
    for (const Step step :
         {Step::asked, Step::allowed, Step::ready, Step::starting, Step::following, Step::over}) {
        EXPECT_EQ(step_from(to_string(step)), step);
    }
    for (int each = 0; each <= static_cast<int>(Ending::lost); ++each) {
        const auto ending = static_cast<Ending>(each);
        EXPECT_EQ(ending_from(to_string(ending)), ending);
    }
    EXPECT_EQ(step_from(""), std::nullopt);
    EXPECT_EQ(ending_from("Passed"), std::nullopt);
}

TEST(StateTest, RefusesWhatIsNone) {
    for (const char* text :
         {"", "{", "[]", "{}", R"({"version": 2})",
          R"({"version": 1, "repositories": {}, "errands": [{}], "replies": []})"}) {
        EXPECT_THROW((void)decode_state(text), std::invalid_argument) << text;
    }
}

TEST(StateTest, SurvivesTextThatIsNoUtf8) {
    State state = full_state();
    state.errands.front().trouble = "\xff";
    EXPECT_NO_THROW((void)decode_state(encode(state)));
}

TEST(PruneTest, ForgetsOldErrandsAndKeepsTheOneComment) {
    State state = full_state();
    prune(state, k_moment + seconds{44});
    EXPECT_EQ(state, full_state());

    prune(state, k_moment + hours{1});

    ASSERT_EQ(state.errands.size(), 1U) << "one that has not ended stays";
    EXPECT_EQ(state.errands.front().comment, 32);
    EXPECT_EQ(state.replies.begin()->second.comment, 99);
    EXPECT_EQ(state.replies.begin()->second.text, "");
}

TEST(BackoffTest, DoublesToFiveMinutes) {
    EXPECT_EQ(backoff(1, 0), seconds{1});
    EXPECT_EQ(backoff(2, 0), seconds{2});
    EXPECT_EQ(backoff(5, 0), seconds{16});
    EXPECT_EQ(backoff(100, 0), seconds{300});
    EXPECT_EQ(backoff(0, 0), seconds{1});
}

TEST(BackoffTest, IsSpreadAndNeverLessThanTheServerWants) {
    EXPECT_EQ(backoff(5, 1), seconds{8});
    EXPECT_EQ(backoff(5, 0.5), seconds{12});
    EXPECT_EQ(backoff(1, 1, seconds{120}), seconds{120});
    EXPECT_EQ(backoff(100, 0, seconds{1}), seconds{300});
}

}  // namespace
}  // namespace ccci::bridge
