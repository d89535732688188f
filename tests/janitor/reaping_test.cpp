#include "janitor/janitor_test.hpp"
#include "support/forked_child.hpp"

// What is reaped, how, and what becomes of its lock file.

namespace ccci::janitor {
namespace {

using namespace std::chrono_literals;
using std::chrono::system_clock;

// Case 11.
TEST_F(JanitorTest, ReapsAnOrphanOnceAndUnlinksItsLockFile) {
    platform_.deploy(k_a);
    leave_lock_file(k_a);

    const Pass first = pass();
    const Pass second = pass();

    EXPECT_TRUE(first.is_complete());
    ASSERT_EQ(first.outcomes.size(), 1U);
    EXPECT_EQ(first.outcomes[0].action.act, Act::reap);
    EXPECT_EQ(first.outcomes[0].report, "removed 1 service in 0ms; nothing left");
    EXPECT_TRUE(second.outcomes.empty());
    EXPECT_EQ(platform_.torn_down(), Names{k_a});
    EXPECT_TRUE(files_in_lock_dir().empty());
}

TEST_F(JanitorTest, ReapsUnderTheLockAndWithinTheBudget) {
    platform_.deploy(k_a);
    std::string holder;
    platform_.on_teardown = [&](const std::string& domain) {
        const auto result = acquire(domain);
        holder = std::get<locks::Busy>(result).holder->run;
    };
    const auto before = std::chrono::steady_clock::now();

    (void)pass();

    EXPECT_EQ(holder, "janitor");
    EXPECT_GE(platform_.last_until, before + config_.teardown_budget);
    EXPECT_LE(platform_.last_until, std::chrono::steady_clock::now() + config_.teardown_budget);
    EXPECT_FALSE(is_held(k_a));
}

TEST_F(JanitorTest, UnlinksALockFileWithoutAnApp) {
    leave_lock_file(k_a);

    const Pass made = pass();

    EXPECT_TRUE(made.is_complete());
    EXPECT_EQ(made.outcomes.at(0).action.act, Act::unlink_only);
    EXPECT_TRUE(files_in_lock_dir().empty());
    EXPECT_TRUE(platform_.torn_down().empty());
}

// Case 11. A listing grows old while other apps are torn down: the run of a lock file may have
// deployed and died since. Only a look under its lock tells that there is no app.
TEST_F(JanitorTest, ReapsTheAppOfARunThatDiedAfterTheListing) {
    leave_lock_file(k_a);
    platform_.on_list = [&] {
        platform_.deploy(k_a);
        platform_.on_list = [] {};
    };

    const Pass made = pass();

    EXPECT_TRUE(made.is_complete());
    EXPECT_EQ(made.outcomes.at(0).action.act, Act::reap);
    EXPECT_FALSE(platform_.exists(k_a));
    EXPECT_TRUE(files_in_lock_dir().empty());
}

TEST_F(JanitorTest, ListsOnceMoreOnlyWhereARunMayHaveDied) {
    int listings = 0;
    bool held = false;
    platform_.on_list = [&] {
        ++listings;
        held = is_held(k_b);
    };
    platform_.deploy(k_a);
    (void)acquire(k_c);  // a file in which nobody is named

    (void)pass();
    EXPECT_EQ(listings, 1);
    leave_lock_file(k_b);
    (void)pass();

    EXPECT_EQ(listings, 3);
    EXPECT_TRUE(held) << "it is a fact only while the lock is held";
    EXPECT_TRUE(files_in_lock_dir().empty());
}

TEST_F(JanitorTest, KeepsTheLockFileWhenItCannotLookAgain) {
    leave_lock_file(k_a);
    platform_.on_list = [&] { platform_.unreachable = true; };

    const Pass made = pass();

    EXPECT_FALSE(made.is_complete());
    EXPECT_EQ(made.problems, Names{"the platform is down"});
    EXPECT_EQ(made.outcomes.at(0).action.act, Act::keep_file);
    EXPECT_TRUE(fs::exists(lock_file(k_a)));
}

// What a `--teardown` of its own makes need not be an app that the platform knows. Only the next
// run can see to it, and only if it finds the file.
TEST_F(JanitorTest, LeavesToTheNextRunWhatOnlyItsTeardownRemoves) {
    for (const char* domain : {k_a, k_b}) {
        std::get<locks::DomainLock>(acquire(domain))
            .write_holder({.run = "290",
                           .unit = "",
                           .invocation = "",
                           .user = "root",
                           .since = system_clock::now(),
                           .until = std::nullopt,
                           .own_teardown = true});
    }
    platform_.deploy(k_b);

    const Pass first = pass();
    const Pass second = pass();

    EXPECT_TRUE(first.is_complete());
    EXPECT_EQ(by_domain(first).at(k_a).action.act, Act::keep_file);
    EXPECT_EQ(by_domain(first).at(k_b).action.act, Act::reap);
    EXPECT_FALSE(platform_.exists(k_b));
    EXPECT_EQ(by_domain(second).at(k_b).action.act, Act::keep_file);
    EXPECT_NE(by_domain(second).at(k_b).action.evidence.find("run 290"), std::string::npos);
    for (const char* domain : {k_a, k_b}) {
        EXPECT_TRUE(std::get<locks::DomainLock>(acquire(domain)).had_predecessor()) << domain;
    }
}

// Case 15.
TEST_F(JanitorTest, ReapsEveryRunAppAtOnceAfterAReboot) {
    for (const char* domain : {k_a, k_b, k_c}) {
        platform_.deploy(domain);
    }

    EXPECT_TRUE(pass().is_complete());

    EXPECT_EQ(platform_.torn_down(), (Names{k_a, k_b, k_c}));
    EXPECT_TRUE(files_in_lock_dir().empty());
}

// Case 19.
TEST_F(JanitorTest, GoesOnWhereOneTeardownFailsAndSaysSo) {
    platform_.deploy(k_a);
    platform_.deploy(k_b);
    platform_.deploy(k_c);
    platform_.broken = k_a;
    platform_.stuck = k_b;

    const Pass made = pass();

    EXPECT_FALSE(made.is_complete());
    const auto outcomes = by_domain(made);
    EXPECT_FALSE(outcomes.at(k_a).done);
    EXPECT_EQ(outcomes.at(k_a).report, "the engine said no");
    EXPECT_FALSE(outcomes.at(k_b).done);
    EXPECT_EQ(outcomes.at(k_b).report, "left: volume data: in use");
    EXPECT_TRUE(outcomes.at(k_c).done);
    EXPECT_EQ(platform_.torn_down(), Names{k_c});
    EXPECT_EQ(told_, (Names{k_a, k_b, k_c}));
    // The files tell the next pass, and the next run, that something is left.
    EXPECT_TRUE(fs::exists(lock_file(k_a)));
    EXPECT_TRUE(fs::exists(lock_file(k_b)));
    EXPECT_FALSE(fs::exists(lock_file(k_c)));
    EXPECT_FALSE(is_held(k_a));

    platform_.broken = "";
    platform_.stuck = "";
    EXPECT_TRUE(pass().is_complete());
    EXPECT_TRUE(files_in_lock_dir().empty());
}

// Case 19: the rest of a janitor that is killed in the middle of a teardown.
TEST_F(JanitorTest, FinishesWhatAKilledJanitorBegan) {
    platform_.deploy(k_a);
    const test::Gate tearing_down;
    const test::Gate never;
    {
        const test::BackgroundChild janitor{[&] {
            platform_.on_teardown = [&](const std::string&) {
                tearing_down.open();
                never.wait();
            };
            return pass().is_complete() ? 0 : 1;
        }};
        tearing_down.wait();
        EXPECT_TRUE(is_held(k_a));
    }
    fs::remove(dir_.path() / "platform" / (std::string{"tearing-down-"} + k_a));

    EXPECT_EQ(pass().outcomes.at(0).action.act, Act::reap);
    EXPECT_FALSE(platform_.exists(k_a));
    EXPECT_TRUE(files_in_lock_dir().empty());
}

}  // namespace
}  // namespace ccci::janitor
