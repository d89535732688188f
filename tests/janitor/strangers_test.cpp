#include <sys/stat.h>

#include <fstream>

#include "janitor/janitor_test.hpp"

// What is no lock file or run app of ours, and a platform that does not answer.

namespace ccci::janitor {
namespace {

// Case 17.
TEST_F(JanitorTest, NeverProbesWhatIsNoRunApp) {
    platform_.lists_everything = true;
    for (const char* domain : {"traefik.ci.example.net", "immi-ad3e33.example.net", "warm.x.net",
                               "immi-ad3e3.ci.example.net"}) {
        platform_.deploy(domain);
    }
    leave_lock_file("traefik.ci.example.net");
    leave_lock_file("UPPER");
    std::ofstream{locks_ / "docker.lock"} << "x";
    const auto before = files_in_lock_dir();

    const Pass made = pass();

    EXPECT_TRUE(made.outcomes.empty());
    EXPECT_TRUE(told_.empty());
    EXPECT_TRUE(platform_.torn_down().empty());
    EXPECT_EQ(files_in_lock_dir(), before) << "not even a lock file is created";
}

// Case 18.
TEST_F(JanitorTest, SkipsWhatIsNoLockFileOfOursAndServesTheOthers) {
    platform_.deploy(k_a);
    platform_.deploy(k_b);
    platform_.deploy(k_c);
    ASSERT_TRUE(fs::create_directory(lock_file(k_a)));
    leave_lock_file(k_b);
    (void)::chmod(lock_file(k_b).c_str(), 0644);

    const Pass made = pass();

    EXPECT_FALSE(made.is_complete());
    const auto outcomes = by_domain(made);
    EXPECT_EQ(outcomes.at(k_a).action.act, Act::skip);
    EXPECT_NE(outcomes.at(k_a).action.evidence.find("is a directory"), std::string::npos);
    EXPECT_EQ(outcomes.at(k_b).action.act, Act::skip);
    EXPECT_EQ(outcomes.at(k_c).action.act, Act::reap);
    EXPECT_EQ(platform_.torn_down(), Names{k_c});
}

// Case 18.
TEST_F(JanitorTest, SkipsLinksFifosAndFilesOfOthers) {
    platform_.deploy(k_a);
    platform_.deploy(k_b);
    platform_.deploy(k_c);
    fs::create_symlink("/etc/passwd", lock_file(k_a));
    ASSERT_EQ(::mkfifo(lock_file(k_b).c_str(), 0600), 0);
    leave_lock_file(k_c);
    if (::geteuid() == 0) {
        ASSERT_EQ(::chown(lock_file(k_c).c_str(), 1500, 1500), 0);
    } else {
        (void)::chmod(lock_file(k_c).c_str(), 0000);
    }

    const Pass made = pass();

    EXPECT_EQ(made.outcomes.size(), 3U);
    for (const Outcome& outcome : made.outcomes) {
        EXPECT_EQ(outcome.action.act, Act::skip) << outcome.action.domain;
        EXPECT_FALSE(outcome.done);
    }
    EXPECT_TRUE(platform_.torn_down().empty());
}

// Case 18.
TEST_F(JanitorTest, SaysThatTheLockDirectoryIsMissing) {
    platform_.deploy(k_a);
    ASSERT_TRUE(fs::remove(locks_));

    const Pass made = pass();

    EXPECT_FALSE(made.is_complete());
    ASSERT_EQ(made.problems.size(), 1U);
    EXPECT_NE(made.problems[0].find(locks_.native()), std::string::npos);
    EXPECT_EQ(made.outcomes.at(0).action.act, Act::skip) << "without a lock nothing is touched";
    EXPECT_TRUE(platform_.exists(k_a));
    EXPECT_FALSE(fs::exists(locks_));
}

// Case 18.
TEST_F(JanitorTest, KeepsEveryLockFileWhileThePlatformIsDown) {
    platform_.deploy(k_a);
    leave_lock_file(k_a);
    platform_.unreachable = true;

    const Pass made = pass();

    EXPECT_FALSE(made.is_complete());
    EXPECT_EQ(made.problems, Names{"the platform is down"});
    EXPECT_EQ(made.outcomes.at(0).action.act, Act::keep_file);
    EXPECT_TRUE(fs::exists(lock_file(k_a)));
    EXPECT_FALSE(is_held(k_a));
}

TEST_F(JanitorTest, LooksAtLockFilesOnlyWhereThereIsNoPlatform) {
    leave_lock_file(k_a);

    const Pass made = make_pass(config_, nullptr, {}, [](const Outcome&) {});

    EXPECT_TRUE(made.is_complete());
    EXPECT_EQ(made.outcomes.at(0).action.act, Act::keep_file);
    EXPECT_TRUE(fs::exists(lock_file(k_a)));
}

}  // namespace
}  // namespace ccci::janitor
