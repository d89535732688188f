#include "recipe/dependency_teardown.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <optional>

#include "base/files.hpp"
#include "locks/domain_lock.hpp"
#include "recipe/dependency_list.hpp"
#include "support/forked_child.hpp"
#include "support/readiness.hpp"
#include "support/temp_dir.hpp"

namespace ccci::recipe {
namespace {

namespace fs = std::filesystem;

/// With real locks, and a platform that writes down what it is asked for.
class DependencyTeardownTest : public testing::Test {
protected:
    DependencyTeardownTest() {
        config_.lock_dir = dir_.path();
        config_.platform = run::PlatformKind::command;
        config_.list_command = "true";
        config_.teardown_command = "echo $CCCI_DOMAIN >>" + log_.native();
        write_teardown_list(tree_, {{"mail", k_mail, "http://a"}, {"keycloak", k_keycloak, ""}});
    }

    std::vector<DependencyTeardown> tear_down() {
        testing::internal::CaptureStdout();
        auto ends = tear_down_dependencies(config_, dir_.path(), "290", in(k_long));
        said_ = testing::internal::GetCapturedStdout();
        return ends;
    }
    static std::chrono::steady_clock::time_point in(std::chrono::milliseconds span) {
        return std::chrono::steady_clock::now() + span;
    }
    std::string torn_down() { return base::try_read_file(log_).value_or(""); }
    bool has_lock_file(const std::string& domain) {
        return fs::exists(locks::lock_path(dir_.path(), domain));
    }
    /// Somebody who has the lock of the second one.
    auto hold(const std::string& run) {
        return [this, run, lock = std::optional<locks::DomainLock>{}]() mutable {
            lock = std::get<locks::DomainLock>(
                locks::DomainLock::try_acquire(dir_.path(), k_keycloak));
            locks::Holder holder;
            holder.run = run;
            lock->write_holder(holder);
        };
    }

    static constexpr const char* k_mail = "mail-0a1b2c.ci.localhost";
    static constexpr const char* k_keycloak = "keyc-0a1b2c.ci.localhost";
    static constexpr std::chrono::milliseconds k_long{20'000};

    test::TempDir dir_;
    RunTree tree_{dir_.path()};
    run::Config config_;
    fs::path log_ = dir_.path() / "log";
    std::string said_;
};

TEST_F(DependencyTeardownTest, IsTheReverseAndGivesTheDomainsBack) {
    const auto ends = tear_down();

    EXPECT_EQ(torn_down(), std::string{k_keycloak} + "\n" + k_mail + "\n");
    ASSERT_EQ(ends.size(), 2U);
    EXPECT_EQ(ends[0].recipe, "keycloak");
    EXPECT_TRUE(ends[0].is_done() && ends[1].is_done());
    EXPECT_FALSE(has_lock_file(k_keycloak) || has_lock_file(k_mail));
}

TEST_F(DependencyTeardownTest, WithoutAListIsNothing) {
    fs::remove(tree_.teardown_list());

    EXPECT_TRUE(tear_down().empty());
    EXPECT_EQ(torn_down(), "");
}

TEST_F(DependencyTeardownTest, LeavesWhatSomebodyElseHasByNow) {
    const test::ForkedChild other{hold("291")};

    const auto ends = tear_down();

    EXPECT_EQ(torn_down(), std::string{k_mail} + "\n");
    EXPECT_TRUE(ends[0].left_to_others);
    EXPECT_TRUE(ends[0].is_done());
    EXPECT_NE(said_.find("dependency keycloak: left to whoever has its lock: run 291"),
              std::string::npos)
        << said_;
    EXPECT_TRUE(has_lock_file(k_keycloak));
}

TEST_F(DependencyTeardownTest, WaitsForAProcessOfItsOwnJob) {
    test::ForkedChild job{hold("290")};
    test::BackgroundChild teardown{[this] {
        const auto ends = tear_down_dependencies(config_, dir_.path(), "290", in(k_long));
        return ends[0].is_done() && !ends[0].left_to_others ? 0 : 1;
    }};
    const auto fd = locks::open_lock_file(locks::lock_path(dir_.path(), k_keycloak));
    ASSERT_TRUE(test::eventually([&] { return locks::count_waiters(fd->get()) == 1; }));
    EXPECT_EQ(torn_down(), "");

    job.kill_and_wait();

    EXPECT_TRUE(teardown.wait().success());
    EXPECT_EQ(torn_down(), std::string{k_keycloak} + "\n" + k_mail + "\n");
}

TEST_F(DependencyTeardownTest, GivesUpWaitingInTime) {
    const test::ForkedChild job{hold("290")};

    const auto ends =
        tear_down_dependencies(config_, dir_.path(), "290", in(std::chrono::milliseconds{50}));

    EXPECT_FALSE(ends[0].is_done());
}

TEST_F(DependencyTeardownTest, KeepsTheLockFileOfWhatIsLeft) {
    config_.teardown_command = "exit 1";

    const auto ends = tear_down();

    EXPECT_FALSE(ends[0].is_done());
    EXPECT_FALSE(ends[1].is_done());
    EXPECT_TRUE(has_lock_file(k_keycloak) && has_lock_file(k_mail));
    // For the janitor to have.
    EXPECT_TRUE(std::holds_alternative<locks::DomainLock>(
        locks::DomainLock::try_acquire(dir_.path(), k_keycloak)));
}

TEST_F(DependencyTeardownTest, TouchesNothingButRunApps) {
    write_teardown_list(tree_, {{"wiki", "wiki.ci.localhost", ""}});

    const auto ends = tear_down();

    EXPECT_FALSE(ends[0].is_done());
    EXPECT_EQ(torn_down(), "");
    EXPECT_FALSE(has_lock_file("wiki.ci.localhost"));
}

TEST_F(DependencyTeardownTest, OfASpoiltListIsAFailure) {
    for (const char* text :
         {"", "{}", "[1]", R"([{"recipe": "x", "domain": "../x", "url": ""}])"}) {
        std::ofstream{tree_.teardown_list()} << text;
        const auto ends = tear_down();
        ASSERT_EQ(ends.size(), 1U) << text;
        EXPECT_FALSE(ends[0].is_done()) << text;
    }
    EXPECT_EQ(torn_down(), "");
}

}  // namespace
}  // namespace ccci::recipe
