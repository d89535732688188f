#include "bridge/errand_work.hpp"

#include <gtest/gtest.h>

#include <mutex>

#include "bridge/moment.hpp"
#include "support/loopback_server.hpp"

// A build whose start nobody heard of, in a time that is the test's own.

namespace ccci::bridge {
namespace {

using std::chrono::seconds;
using test::LoopbackServer;

class ErrandWorkTest : public testing::Test {
protected:
    ErrandWorkTest() {
        errand_.comment = 31;
        errand_.repository = "recipes/immich";
        errand_.pull_request = 7;
        errand_.commit = "4f2c";
        errand_.source = "recipes/immich";
        errand_.step = Step::ready;
    }

    std::string answer(const std::string& head) {
        const std::lock_guard lock{mutex_};
        asked_.push_back(head.substr(0, head.find(' ')));
        return LoopbackServer::answer(status_, body_);
    }

    void drone_says(const std::string& status, const std::string& body) {
        const std::lock_guard lock{mutex_};
        status_ = status;
        body_ = body;
    }

    std::mutex mutex_;
    std::string status_ = "200 OK";
    std::string body_ = "[]";
    std::vector<std::string> asked_;
    LoopbackServer server_{[this](const std::string& head) { return answer(head); }};
    http::Client http_{seconds{5}};
    gitea::Client forge_{http_, server_.url(), "t"};
    drone::Client drone_{http_, server_.url(), "t", "ops/ci"};
    Surroundings surroundings_;
    Log log_{.info = [](const std::string&) {}, .warning = [](const std::string&) {}};
    Servers servers_{forge_, drone_, surroundings_, log_};
    Rules rules_;
    int saved_ = 0;
    Step saved_step_{};
    Errand errand_;
    ErrandWork work_{servers_, rules_, [this] {
                         ++saved_;
                         saved_step_ = errand_.step;
                     }};
};

TEST_F(ErrandWorkTest, KeepsItsIntentBeforeItAsks) {
    drone_says("200 OK", R"({"number": 291, "status": "pending"})");

    work_.start(errand_, k_moment);

    EXPECT_EQ(saved_, 1);
    EXPECT_EQ(saved_step_, Step::starting);
    EXPECT_EQ(errand_.step, Step::following);
    EXPECT_EQ(errand_.build, 291);
}

TEST_F(ErrandWorkTest, LooksForTheBuildOfAnAnswerThatWasLost) {
    drone_says("502 Bad Gateway", "");
    work_.start(errand_, k_moment);
    ASSERT_EQ(errand_.step, Step::starting);
    drone_says("200 OK",
               R"([{"number": 291, "status": "running", "params": {"CCCI_TRIGGER": "31"}}])");

    work_.find_build(errand_, k_moment + seconds{1});

    EXPECT_EQ(errand_.step, Step::following);
    EXPECT_EQ(errand_.build, 291);
    EXPECT_EQ(asked_, (std::vector<std::string>{"POST", "GET"}));
}

TEST_F(ErrandWorkTest, StartsAnewOnlyWhenTheRequestCannotBeWorkedOnAnyMore) {
    errand_.step = Step::starting;
    errand_.tried = k_moment;

    work_.find_build(errand_, k_moment + seconds{29});
    EXPECT_EQ(errand_.step, Step::starting);
    EXPECT_EQ(errand_.next, k_moment + seconds{30});

    work_.find_build(errand_, k_moment + seconds{30});
    EXPECT_EQ(errand_.step, Step::ready);
}

TEST_F(ErrandWorkTest, TriesAgainAtOnceWhatDroneHasRefused) {
    for (const char* status : {"429 Too Many Requests", "403 Forbidden", "404 Not Found"}) {
        errand_.step = Step::ready;
        drone_says(status, "");
        work_.start(errand_, k_moment);
        EXPECT_EQ(errand_.step, Step::ready) << status;
        EXPECT_EQ(errand_.troubled_since, k_moment) << status;
    }
    drone_says("400 Bad Request", "");
    work_.start(errand_, k_moment);
    ASSERT_EQ(errand_.step, Step::over);
    EXPECT_EQ(errand_.result->ending, Ending::not_started);
}

TEST_F(ErrandWorkTest, SaysWhyItGaveUp) {
    errand_.trouble = "Drone does not answer";
    work_.give_up(errand_, k_moment);
    EXPECT_EQ(errand_.result->ending, Ending::not_started);
    EXPECT_EQ(errand_.result->reason, "Drone does not answer");

    errand_.step = Step::starting;
    errand_.trouble = "Drone: HTTP 502";
    work_.give_up(errand_, k_moment);
    EXPECT_EQ(errand_.result->ending, Ending::lost);
    EXPECT_EQ(errand_.result->reason,
              "whether Drone has started a build is not known: Drone: HTTP 502");
}

TEST_F(ErrandWorkTest, SendsDroneNothingThatIsNoName) {
    errand_.step = Step::allowed;
    drone_says("200 OK", R"({"state": "open", "head": {"sha": "4f2c --x", "repo": null}})");

    work_.look_up(errand_, k_moment);

    ASSERT_EQ(errand_.step, Step::over);
    EXPECT_EQ(errand_.result->ending, Ending::not_started);
    EXPECT_EQ(errand_.commit, "");
}

}  // namespace
}  // namespace ccci::bridge
