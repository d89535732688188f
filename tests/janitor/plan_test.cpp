#include "janitor/plan.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace ccci::janitor {
namespace {

using namespace std::chrono_literals;
using std::chrono::system_clock;

const system_clock::time_point k_now = system_clock::from_time_t(1'772'356'950);
constexpr std::chrono::microseconds k_twice_deadline = 2h;

locks::Holder holder_since(std::chrono::seconds ago) {
    return {.run = "290",
            .unit = "cc-ci-run-290.service",
            .invocation = "",
            .user = "root",
            .since = k_now - ago,
            .until = std::nullopt};
}

Facts facts(bool app, bool file, std::optional<Probe> probe) {
    return {.domain = "a-000000.ci.example.net",
            .is_run_app = true,
            .app_exists = app,
            .platform_known = true,
            .app_evidence = app ? "3 services, 1 volume" : "",
            .lock_file_exists = file,
            .probe = probe};
}

Action plan_of(const Facts& seen) {
    return plan(seen, k_now, k_twice_deadline);
}

struct Row {
    std::string what;
    Facts facts;
    Act act;
    std::string evidence;  ///< a part of it
};

TEST(PlanTest, DecidesFromTheEvidenceAlone) {
    using enum Probe;
    std::vector<Row> table{
        // Case 11.
        {"an orphan", facts(true, true, acquired), Act::reap, "3 services, 1 volume"},
        // Case 15.
        {"an orphan after a reboot", facts(true, false, acquired), Act::reap, "no lock file"},
        {"a lock file alone", facts(false, true, acquired), Act::unlink_only, "no app"},
        // Case 12.
        {"a live run", facts(true, true, held), Act::leave, "somebody who did not leave a name"},
        {"a live run before its deploy", facts(false, true, held), Act::leave, "lock held"},
        // Case 18.
        {"a directory", facts(true, true, unusable), Act::skip, "is a directory"},
        {"not probed", facts(true, true, std::nullopt), Act::ignore, ""},
        {"what a dry run cannot see", facts(true, true, unseen), Act::probe, "cannot be seen"},
        {"nothing", facts(false, false, acquired), Act::ignore, "neither an app nor a lock file"},
    };
    table[5].facts.probe_problem = "lock file x is a directory: remove it";
    for (const Row& row : table) {
        const Action action = plan_of(row.facts);
        EXPECT_EQ(to_string(action.act), to_string(row.act)) << row.what;
        EXPECT_NE(action.evidence.find(row.evidence), std::string::npos) << action.evidence;
        EXPECT_EQ(action.domain, row.facts.domain);
    }
}

// Case 16.
TEST(PlanTest, FlagsALockThatIsHeldForTooLongAndNeverStealsIt) {
    Facts seen = facts(true, true, Probe::held);

    seen.holder = holder_since(2h);
    EXPECT_EQ(plan_of(seen).act, Act::leave);
    EXPECT_NE(plan_of(seen).evidence.find("run 290"), std::string::npos);

    seen.holder = holder_since(2h + 1s);
    EXPECT_EQ(plan_of(seen).act, Act::warn);
    EXPECT_NE(plan_of(seen).evidence.find("stop cc-ci-run-290.service"), std::string::npos);

    seen.holder->unit = "";
    EXPECT_NE(plan_of(seen).evidence.find("stop its process"), std::string::npos);

    seen.holder = holder_since(-100h);
    EXPECT_EQ(plan_of(seen).act, Act::leave) << "a clock may have been set back";
}

// Case 17.
TEST(PlanTest, IgnoresWhatIsNoRunAppWhateverElseIsKnown) {
    for (const bool app : {false, true}) {
        for (const bool file : {false, true}) {
            for (const auto probe : {Probe::acquired, Probe::held, Probe::unusable}) {
                Facts seen = facts(app, file, probe);
                seen.is_run_app = false;
                EXPECT_FALSE(is_probed(seen));
                EXPECT_EQ(plan_of(seen).act, Act::ignore);
            }
        }
    }
}

TEST(PlanTest, KeepsTheMarkOfAnUnfinishedRunWhereAppsAreNotKnown) {
    Facts seen = facts(false, true, Probe::acquired);
    seen.platform_known = false;

    EXPECT_EQ(plan_of(seen).act, Act::keep_file);
    EXPECT_NE(plan_of(seen).evidence.find("apps not known"), std::string::npos);
}

TEST(PlanTest, KeepsTheMarkOfARunThatWasToTearDownItself) {
    Facts seen = facts(false, true, Probe::acquired);
    seen.holder = holder_since(5s);
    EXPECT_EQ(plan_of(seen).act, Act::unlink_only);

    seen.holder->own_teardown = true;

    EXPECT_EQ(plan_of(seen).act, Act::keep_file);
    EXPECT_NE(plan_of(seen).evidence.find("run 290"), std::string::npos) << plan_of(seen).evidence;
    EXPECT_NE(plan_of(seen).evidence.find("own teardown"), std::string::npos);
    seen.app_exists = true;
    EXPECT_EQ(plan_of(seen).act, Act::reap);
}

TEST(PlanTest, ReapsNothingButWhatNobodyOwns) {
    for (const bool app : {false, true}) {
        for (const bool file : {false, true}) {
            for (const bool known : {false, true}) {
                for (const auto probe : {Probe::held, Probe::unusable, Probe::unseen}) {
                    Facts seen = facts(app, file, probe);
                    seen.platform_known = known;
                    const Act act = plan_of(seen).act;
                    EXPECT_NE(act, Act::reap);
                    EXPECT_NE(act, Act::unlink_only);
                }
            }
        }
    }
}

TEST(PlanTest, ProbesWhatHasAnAppOrALockFile) {
    EXPECT_TRUE(is_probed(facts(true, false, std::nullopt)));
    EXPECT_TRUE(is_probed(facts(false, true, std::nullopt)));
    EXPECT_FALSE(is_probed(facts(false, false, std::nullopt)));
}

TEST(ActTest, HasANameForEachOfThem) {
    for (const Act act : {Act::ignore, Act::leave, Act::warn, Act::skip, Act::reap,
                          Act::unlink_only, Act::keep_file, Act::probe}) {
        EXPECT_NE(to_string(act), "unknown");
    }
}

}  // namespace
}  // namespace ccci::janitor
