#include "bridge/plan.hpp"

#include <gtest/gtest.h>

#include "bridge/moment.hpp"

namespace ccci::bridge {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

class PlanTest : public testing::Test {
protected:
    Errand& add(std::int64_t comment, Step step, std::int64_t pull_request = 7) {
        Errand errand;
        errand.comment = comment;
        errand.repository = "recipes/immich";
        errand.pull_request = pull_request;
        errand.author = "maria";
        errand.step = step;
        errand.commit = step < Step::ready ? "" : "4f2c";
        state_.errands.push_back(errand);
        return state_.errands.back();
    }

    /// As if everything that is to be said had been said.
    void say_all() {
        for (Errand& errand : state_.errands) {
            if (errand.step == Step::asked) {
                continue;
            }
            errand.shown_status = fingerprint(commit_status(errand, {}));
            Reply& reply = state_.replies[pull_request_of(errand)];
            reply.comment = 99;
            reply.text = comment_text(errands_about(state_, pull_request_of(errand)), reply, {});
            reply.told = gist(*errands_about(state_, pull_request_of(errand)).back());
            reply.written = k_moment - hours{1};
        }
    }

    [[nodiscard]] std::vector<Action> actions(Time now = k_moment) const {
        return make_plan(state_, surroundings_, now).actions;
    }
    [[nodiscard]] std::optional<Time> next(Time now = k_moment) const {
        return make_plan(state_, surroundings_, now).next;
    }

    using Actions = std::vector<Action>;
    const PullRequest k_pull{"recipes/immich", 7};
    State state_;
    Surroundings surroundings_;
};

TEST_F(PlanTest, IsEmptyWithoutErrands) {
    EXPECT_TRUE(actions().empty());
    EXPECT_EQ(next(), std::nullopt);
}

TEST_F(PlanTest, DoesTheNextStepOfEachErrand) {
    add(1, Step::asked);
    EXPECT_EQ(actions(), (Actions{CheckAuthor{1}}));
    const std::vector<std::pair<Step, Action>> steps{{Step::allowed, LookUp{1}},
                                                     {Step::ready, Start{1}},
                                                     {Step::starting, FindBuild{1}},
                                                     {Step::following, Follow{1, true}}};
    for (const auto& [step, action] : steps) {
        state_.errands.front().step = step;
        say_all();
        EXPECT_EQ(actions(), (Actions{action})) << to_string(step);
    }
    state_.errands.front().step = Step::over;
    state_.errands.front().result = Result{};
    say_all();
    EXPECT_TRUE(actions().empty());
}

TEST_F(PlanTest, SaysNothingOfAnErrandWhoseAuthorIsNotKnown) {
    add(1, Step::asked);
    surroundings_.forge.until = k_moment + minutes{1};
    EXPECT_TRUE(actions().empty());
    EXPECT_TRUE(errands_about(state_, k_pull).empty());
}

TEST_F(PlanTest, SaysWhatHasChangedAndNothingTwice) {
    add(1, Step::following).next = k_moment + seconds{20};
    EXPECT_EQ(actions(), (Actions{SetStatus{1}, WriteReply{k_pull}}));
    say_all();
    EXPECT_TRUE(actions().empty());
    state_.errands.front().progress = "upgrade";
    EXPECT_EQ(actions(), (Actions{WriteReply{k_pull}}));
}

TEST_F(PlanTest, EditsNoMoreOftenThanNeeded) {
    add(1, Step::following).next = k_moment + hours{1};
    say_all();
    state_.replies[k_pull].written = k_moment - seconds{4};
    state_.errands.front().progress = "upgrade";
    EXPECT_TRUE(actions().empty());
    EXPECT_EQ(next(), k_moment + seconds{6});

    state_.errands.front().is_running = true;
    EXPECT_EQ(actions(), (Actions{SetStatus{1}, WriteReply{k_pull}}));
}

TEST_F(PlanTest, SaysNothingWhileABuildIsAboutToBeStarted) {
    Errand& errand = add(1, Step::ready);
    EXPECT_EQ(actions(), (Actions{Start{1}}));
    errand.trouble = "Drone does not answer";
    EXPECT_EQ(actions(), (Actions{Start{1}, SetStatus{1}, WriteReply{k_pull}}));
}

TEST_F(PlanTest, LetsTheNewestSpeakBesideACommit) {
    Errand& older = add(1, Step::over);
    older.result = Result{.ending = Ending::passed};
    add(2, Step::following).next = k_moment + hours{1};
    Errand& quick = add(3, Step::following);
    quick.lane = naming::Lane::quick;
    quick.next = k_moment + hours{1};
    EXPECT_EQ(actions(), (Actions{SetStatus{3}, SetStatus{2}, WriteReply{k_pull}}));
}

TEST_F(PlanTest, LeavesAServerAloneThatIsHeld) {
    add(1, Step::allowed, 1);
    add(2, Step::ready, 2);
    add(3, Step::starting, 3);
    add(4, Step::following, 4);
    say_all();
    surroundings_.drone.until = k_moment + seconds{30};
    EXPECT_EQ(actions(), (Actions{LookUp{1}, Follow{4, false}}));
    EXPECT_EQ(next(), k_moment + seconds{30});
    surroundings_.forge.until = k_moment + seconds{20};
    EXPECT_EQ(actions(), (Actions{Follow{4, false}}));
    EXPECT_EQ(next(), k_moment + seconds{20});
}

TEST_F(PlanTest, DoesFirstWhatHasNotFailedYet) {
    add(1, Step::ready, 1).tries = 3;
    add(2, Step::ready, 2);
    say_all();
    EXPECT_EQ(actions(), (Actions{Start{2}, Start{1}}));
}

TEST_F(PlanTest, GivesUpAfterAnHourOfTrouble) {
    Errand& errand = add(1, Step::ready);
    errand.troubled_since = k_moment - minutes{59};
    errand.next = k_moment + minutes{5};
    say_all();
    EXPECT_TRUE(actions().empty());
    EXPECT_EQ(next(), k_moment + minutes{1});
    EXPECT_EQ(actions(k_moment + minutes{1}), (Actions{GiveUp{1}}));
}

TEST_F(PlanTest, NeverGivesUpABuildThatWasStarted) {
    Errand& errand = add(1, Step::following);
    errand.troubled_since = k_moment - hours{5};
    say_all();
    EXPECT_EQ(actions(), (Actions{Follow{1, true}}));
}

TEST_F(PlanTest, LooksAtRepositoriesInTime) {
    surroundings_.next_poll = {{"recipes/immich", k_moment},
                               {"recipes/ghost", k_moment + seconds{3}}};
    EXPECT_EQ(actions(), (Actions{Poll{"recipes/immich"}}));
    EXPECT_EQ(next(), k_moment + seconds{3});
    surroundings_.forge.until = k_moment + minutes{1};
    EXPECT_TRUE(actions().empty());
    EXPECT_EQ(next(), k_moment + minutes{1});
}

}  // namespace
}  // namespace ccci::bridge
