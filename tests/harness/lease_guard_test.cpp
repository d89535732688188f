#include "harness/lease_guard.hpp"

#include <gtest/gtest.h>
#include <sys/epoll.h>

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <thread>

#include "base/files.hpp"
#include "base/process.hpp"
#include "support/temp_dir.hpp"

namespace ccci::harness {
namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;

/// A guard whose keeper is a script: what etcd would have it say, and when, is up to the test.
class LeaseGuardTest : public testing::Test {
protected:
    std::string valid_for(std::chrono::milliseconds span) const {
        std::string line = encode(lease::Valid{steady_clock::now() + span});
        line.pop_back();
        return fmt::format("echo '{}'\n", line);
    }

    static std::string said(const lease::KeeperLine& line) {
        std::string text = encode(line);
        text.pop_back();
        return fmt::format("echo '{}'\n", text);
    }

    /// A lease that is valid for so long if nothing is confirmed.
    void guard(const std::string& script, std::chrono::milliseconds valid,
               std::chrono::milliseconds margin) {
        std::ofstream{script_} << script;
        const run::Lease lease{.keeper = {.argv = {"/bin/sh", script_.native()},
                                          .environment = base::own_environment(),
                                          .directory = {}},
                               .id = 1,
                               .revision = 1,
                               .margin = margin,
                               .until = steady_clock::now() + valid};
        guard_.emplace(loop_, lease,
                       LeaseGuard::Calls{.on_ready = [this] { heard("ready"); },
                                         .on_fence = [this](const std::string&) { heard("fence"); },
                                         .on_over = [this](const std::string&) { heard("over"); },
                                         .on_superseded =
                                             [this](const lease::Claimant& by) {
                                                 heard("superseded by " + by.run);
                                             },
                                         .tell = [this](const std::string& line) { heard(line); },
                                         .on_keeper = [this](pid_t keeper) { keeper_ = keeper; }});
    }

    void run_until(const std::string& word) {
        last_ = word;
        const auto limit = loop_.after(20s, [this] {
            ADD_FAILURE() << "never heard " << last_;
            loop_.stop();
        });
        loop_.run();
    }

    void heard(const std::string& word) {
        heard_.push_back(word);
        if (word == last_) {
            loop_.stop();
        }
    }

    test::TempDir dir_;
    std::filesystem::path script_ = dir_.path() / "keeper";
    event::Loop loop_;
    std::vector<std::string> heard_;
    std::string last_;
    pid_t keeper_ = 0;
    std::optional<LeaseGuard> guard_;
};

using Words = std::vector<std::string>;

TEST_F(LeaseGuardTest, IsReadyOnceTheLeaseIsConfirmed) {
    guard(valid_for(1h) + valid_for(2h) + said(lease::Trouble{"last"}) + "cat", 10s, 1s);

    run_until("last");

    EXPECT_EQ(heard_, (Words{"ready", "last"}));
    EXPECT_NE(keeper_, 0);
    EXPECT_TRUE(guard_->is_ready());
}

TEST_F(LeaseGuardTest, FencesBeforeTheEndWhenNothingIsConfirmedAnyMore) {
    guard(valid_for(2s) + "cat", 1800ms, 300ms);
    const auto begin = steady_clock::now();

    run_until("over");

    EXPECT_EQ(heard_, (Words{"ready", "fence", "over"}));
    EXPECT_TRUE(guard_->is_over());
    EXPECT_GE(steady_clock::now() - begin, 1800ms);
}

TEST_F(LeaseGuardTest, HasNothingToFenceBeforeTheFirstConfirmation) {
    guard("cat", 400ms, 200ms);
    const auto begin = steady_clock::now();

    run_until("over");

    EXPECT_EQ(heard_, Words{"over"});
    EXPECT_GE(steady_clock::now() - begin, 350ms);
    EXPECT_FALSE(guard_->is_ready());
}

TEST_F(LeaseGuardTest, FencesByItselfWhileTheKeeperIsStopped) {
    guard(valid_for(2s) + "kill -STOP $$", 1800ms, 300ms);

    run_until("over");

    EXPECT_EQ(heard_, (Words{"ready", "fence", "over"}));
}

TEST_F(LeaseGuardTest, HearsAConfirmationThatCameWhileTheHostWasTooBusyToListen) {
    const std::string go = dir_.path() / "go";
    const std::string gone = dir_.path() / "gone";
    guard(fmt::format("while [ ! -e {} ]; do sleep 0.01; done\n{}touch {}\ncat", go, valid_for(1h),
                      gone),
          200ms, 150ms);
    auto [read_end, write_end] = base::make_pipe();
    base::write_all(write_end.get(), "something else to do", "pipe");
    const auto busy = loop_.on_io(read_end.get(), EPOLLIN, [](std::uint32_t) {});

    // The time for the fence comes first, then the confirmation, and then the guard may look.
    std::this_thread::sleep_for(100ms);
    std::ofstream{go} << "";
    while (!std::filesystem::exists(gone)) {
        std::this_thread::sleep_for(5ms);
    }
    run_until("ready");

    EXPECT_EQ(heard_, Words{"ready"});
    EXPECT_FALSE(guard_->is_over());
}

TEST_F(LeaseGuardTest, IsFencedOnlyOnceWhenTheLeaseComesBack) {
    // The fence has passed when the script begins, and the end comes later than its second word.
    guard(valid_for(20s) + "sleep 0.2\n" + valid_for(1h) + said(lease::Trouble{"last"}) + "cat",
          20s, 20s);

    run_until("last");

    EXPECT_EQ(std::ranges::count(heard_, "fence"), 1);
    EXPECT_FALSE(guard_->is_over());
}

TEST_F(LeaseGuardTest, IsOverAtOnceWhenTheLeaseIsGone) {
    guard(valid_for(1h) + said(lease::Lost{"its claim is gone from etcd"}) + "cat", 1h, 1s);

    run_until("over");

    EXPECT_EQ(heard_, (Words{"ready", "over"}));
}

TEST_F(LeaseGuardTest, StartsAKeeperThatDiedOnceMore) {
    const std::string mark = (dir_.path() / "mark").native();
    guard("if [ -e " + mark + " ]; then " + said(lease::Trouble{"second"}) + "exec cat; fi; : >" +
              mark + "\n" + valid_for(1h),
          1h, 1s);

    run_until("second");

    EXPECT_EQ(heard_, (Words{"ready", "second"}));
}

TEST_F(LeaseGuardTest, KeepsTheTimeWhileNoKeeperLives) {
    guard(valid_for(2s) + "exit 0", 1800ms, 300ms);

    run_until("over");

    EXPECT_EQ(heard_, (Words{"ready", "fence", "over"}));
}

TEST_F(LeaseGuardTest, TellsATroubleOnceUntilTheLeaseIsConfirmed) {
    const std::string trouble = said(lease::Trouble{"no leader"});
    const std::string another = said(lease::Trouble{"connection refused"});
    guard(
        trouble + another + valid_for(1h) + trouble + said(lease::Superseded{{.run = "8"}}) + "cat",
        1h, 1s);

    run_until("superseded by 8");

    EXPECT_EQ(heard_, (Words{"no leader", "ready", "no leader", "superseded by 8"}));
}

TEST_F(LeaseGuardTest, PassesOnThatANewerRunWantsTheDomain) {
    guard(valid_for(1h) + said(lease::Superseded{{.run = "8", .host = "ci-2"}}) + "cat", 1h, 1s);

    run_until("superseded by 8");

    EXPECT_EQ(heard_, (Words{"ready", "superseded by 8"}));
}

TEST_F(LeaseGuardTest, HasLetGoWhenTheKeeperSaysSo) {
    guard(valid_for(1h) + "read order\n" + "test $order = release && " + said(lease::Released{}) +
              "cat",
          1h, 1s);
    run_until("ready");
    EXPECT_FALSE(guard_->has_let_go());

    guard_->release();
    const auto limit = loop_.after(20s, [this] { loop_.stop(); });
    auto look = loop_.on_time(steady_clock::time_point::max(), [] {});
    look.before_waiting([this] {
        if (guard_->has_let_go()) {
            loop_.stop();
        }
    });
    loop_.run();

    EXPECT_TRUE(guard_->has_let_go());
    EXPECT_FALSE(guard_->is_over());
}

}  // namespace
}  // namespace ccci::harness
