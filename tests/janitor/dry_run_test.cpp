#include <sys/file.h>

#include "janitor/janitor_test.hpp"
#include "support/forked_child.hpp"

// Passes that are to look only, or at one domain only.

namespace ccci::janitor {
namespace {

using namespace std::chrono_literals;
using std::chrono::system_clock;

// Case 20.
TEST_F(JanitorTest, ChangesNothingInADryRunAndTellsWhatItSaw) {
    platform_.deploy(k_a);
    platform_.deploy(k_b);
    leave_lock_file(k_b);
    leave_lock_file(k_c);
    constexpr const char* k_live = "l-000000.ci.example.net";
    constexpr const char* k_odd = "o-000000.ci.example.net";
    platform_.deploy(k_live);
    const auto live = run_of(k_live, system_clock::now() - 3h);
    fs::create_directory(lock_file(k_odd));
    const auto before = files_in_lock_dir();
    const auto written = fs::last_write_time(lock_file(k_b));

    const Pass made = pass({.dry_run = true, .only = {}});

    const auto outcomes = by_domain(made);
    EXPECT_EQ(outcomes.size(), 5U);
    EXPECT_EQ(outcomes.at(k_a).action.act, Act::reap);
    EXPECT_NE(outcomes.at(k_a).action.evidence.find("no lock file"), std::string::npos);
    EXPECT_EQ(outcomes.at(k_b).action.act, Act::reap);
    EXPECT_EQ(outcomes.at(k_c).action.act, Act::unlink_only);
    EXPECT_EQ(outcomes.at(k_live).action.act, Act::warn);
    EXPECT_EQ(outcomes.at(k_odd).action.act, Act::skip);
    for (const Outcome& outcome : made.outcomes) {
        EXPECT_FALSE(outcome.action.evidence.empty()) << outcome.action.domain;
    }
    EXPECT_EQ(told_.size(), 5U);
    EXPECT_TRUE(platform_.torn_down().empty());
    EXPECT_EQ(files_in_lock_dir(), before);
    EXPECT_EQ(fs::last_write_time(lock_file(k_b)), written);
    EXPECT_TRUE(is_held(k_live));
    EXPECT_FALSE(is_held(k_b));
}

// Case 20. Breaking it: a probe that takes even a shared lock is red here.
TEST_F(JanitorTest, IsInNobodysWayInADryRun) {
    platform_.deploy(k_a);
    leave_lock_file(k_a);
    const test::Gate looking;
    test::BackgroundChild janitor{[&] {
        for (;;) {
            (void)pass({.dry_run = true, .only = {}});
            looking.open();
        }
        return 0;
    }};
    looking.wait();

    int times_busy = 0;
    for (int n = 0; n < 20'000; ++n) {
        times_busy += is_held(k_a) ? 1 : 0;
    }

    EXPECT_EQ(times_busy, 0);
}

// Case 20: a lock that systemd holds was taken by a step that may be dead.
TEST_F(JanitorTest, SeesALockInADryRunWhoeverTookIt) {
    platform_.deploy(k_a);
    leave_lock_file(k_a);
    const auto fd = locks::open_lock_file(lock_file(k_a));
    ASSERT_TRUE(test::run_in_child([&] { return ::flock(fd->get(), LOCK_EX); }).success());

    const Pass made = pass({.dry_run = true, .only = {}});

    EXPECT_EQ(made.outcomes.at(0).action.act, Act::leave);
}

TEST_F(JanitorTest, LooksAtOneDomainAloneWhenAsked) {
    platform_.deploy(k_a);
    platform_.deploy(k_b);
    leave_lock_file(k_c);

    const Pass made = pass({.dry_run = false, .only = k_b});

    EXPECT_EQ(made.outcomes.size(), 1U);
    EXPECT_EQ(platform_.torn_down(), Names{k_b});
    EXPECT_TRUE(platform_.exists(k_a));
    EXPECT_TRUE(fs::exists(lock_file(k_c)));
}

}  // namespace
}  // namespace ccci::janitor
