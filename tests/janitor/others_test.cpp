#include <set>

#include "janitor/janitor_test.hpp"
#include "locks/waiting.hpp"
#include "support/forked_child.hpp"

// Runs that live, and other janitors.

namespace ccci::janitor {
namespace {

using namespace std::chrono_literals;
using std::chrono::system_clock;

// Case 12.
TEST_F(JanitorTest, LeavesALiveRunAloneAndNamesIt) {
    platform_.deploy(k_a);
    const auto live = run_of(k_a);

    const Pass made = pass();

    EXPECT_TRUE(made.is_complete());
    EXPECT_EQ(made.outcomes.at(0).action.act, Act::leave);
    EXPECT_NE(made.outcomes.at(0).action.evidence.find("run 290"), std::string::npos);
    EXPECT_TRUE(platform_.exists(k_a));
    EXPECT_TRUE(is_held(k_a));
}

// Case 11.
TEST_F(JanitorTest, ReapsARunThatWasKilledAtOnce) {
    platform_.deploy(k_a);
    run_of(k_a)->kill_and_wait();

    EXPECT_EQ(pass().outcomes.at(0).action.act, Act::reap);
    EXPECT_FALSE(platform_.exists(k_a));
}

// Case 13.
TEST_F(JanitorTest, LetsANewRunWaitForASlowReap) {
    platform_.deploy(k_a);
    leave_lock_file(k_a);
    const test::Gate tearing_down;
    const test::Gate go_on;
    platform_.on_teardown = [&](const std::string&) {
        tearing_down.open();
        go_on.wait();
    };
    test::BackgroundChild janitor{[&] { return pass().is_complete() ? 0 : 1; }};
    tearing_down.wait();

    auto busy = acquire(k_a);
    ASSERT_TRUE(std::holds_alternative<locks::Busy>(busy));
    EXPECT_EQ(std::get<locks::Busy>(busy).holder->run, "janitor");
    locks::Waiting waiting{std::move(std::get<locks::Busy>(busy))};
    EXPECT_FALSE(test::is_readable(waiting.pidfd()));
    EXPECT_TRUE(platform_.exists(k_a));
    go_on.open();
    ASSERT_TRUE(test::becomes_readable(waiting.pidfd()));
    const auto lock = waiting.finish();

    ASSERT_TRUE(lock);
    EXPECT_FALSE(platform_.exists(k_a)) << "it began before the reap was over";
    EXPECT_FALSE(lock->had_predecessor());
    platform_.deploy(k_a);
    platform_.on_teardown = [](const std::string&) {};
    EXPECT_EQ(pass().outcomes.at(0).action.act, Act::leave);
    EXPECT_TRUE(janitor.wait().success());
    EXPECT_TRUE(platform_.exists(k_a));
}

// Case 14.
TEST_F(JanitorTest, LeavesToAnotherJanitorWhatThatOneReaps) {
    platform_.deploy(k_a);
    platform_.deploy(k_b);
    const test::Gate tearing_down;
    const test::Gate go_on;
    test::BackgroundChild slow{[&] {
        platform_.on_teardown = [&](const std::string& domain) {
            if (domain == k_a) {
                tearing_down.open();
                go_on.wait();
            }
        };
        return pass().is_complete() ? 0 : 1;
    }};
    tearing_down.wait();

    const Pass other = pass();

    EXPECT_TRUE(other.is_complete());
    EXPECT_EQ(by_domain(other).at(k_a).action.act, Act::leave);
    EXPECT_NE(by_domain(other).at(k_a).action.evidence.find("the janitor"), std::string::npos);
    EXPECT_EQ(by_domain(other).at(k_b).action.act, Act::reap);
    go_on.open();
    EXPECT_TRUE(slow.wait().success());
    EXPECT_EQ(platform_.torn_down(), (Names{k_b, k_a}));
    EXPECT_TRUE(files_in_lock_dir().empty());
}

// Case 14: whichever way they meet, there are never two teardowns of one domain at once (the fake
// platform would throw), and each app is reaped once.
TEST_F(JanitorTest, SharesTheWorkWithOthersInAnyOrder) {
    std::set<std::string> domains;
    for (int n = 0; n < 40; ++n) {
        domains.insert(fmt::format("x-{:06x}.ci.example.net", n));
    }
    for (const std::string& domain : domains) {
        platform_.deploy(domain);
    }
    const test::Gate go;
    std::vector<std::unique_ptr<test::BackgroundChild>> janitors;
    for (int n = 0; n < 4; ++n) {
        janitors.push_back(std::make_unique<test::BackgroundChild>([&] {
            // All of them have listed before any of them begins.
            platform_.on_list = [&] { go.wait(); };
            return pass().is_complete() ? 0 : 1;
        }));
    }

    go.open();

    for (const auto& janitor : janitors) {
        EXPECT_TRUE(janitor->wait().success());
    }
    const Names torn_down = platform_.torn_down();
    EXPECT_EQ(torn_down.size(), domains.size());
    EXPECT_EQ(std::set<std::string>(torn_down.begin(), torn_down.end()), domains);
    EXPECT_TRUE(files_in_lock_dir().empty());
}

// Case 16.
TEST_F(JanitorTest, FlagsALockThatIsHeldForTooLongAndDoesNotStealIt) {
    platform_.deploy(k_a);
    const auto live = run_of(k_a, system_clock::now() - 3h);

    const Pass made = pass();

    EXPECT_TRUE(made.is_complete());
    EXPECT_EQ(made.outcomes.at(0).action.act, Act::warn);
    EXPECT_NE(made.outcomes.at(0).action.evidence.find("cc-ci-run-290.service"), std::string::npos);
    EXPECT_TRUE(platform_.exists(k_a));
    EXPECT_TRUE(is_held(k_a));
}

}  // namespace
}  // namespace ccci::janitor
