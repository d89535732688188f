#include "locks/domain_lock.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <fstream>

#include "locks/lock_error.hpp"
#include "locks/lock_fixture.hpp"
#include "support/forked_child.hpp"
#include "support/spawned_program.hpp"

namespace ccci::locks {
namespace {

namespace fs = std::filesystem;

class DomainLockTest : public LockTest {
protected:
    std::string error_of_acquire() const {
        try {
            (void)acquire();
        } catch (const LockError& error) {
            return error.what();
        }
        return "no LockError";
    }

    /// A LockError that names the file and says this.
    void expect_refused(const std::string& reason) const {
        const std::string error = error_of_acquire();
        EXPECT_NE(error.find(path_.native()), std::string::npos) << error;
        EXPECT_NE(error.find(reason), std::string::npos) << error;
    }

    void make_lock_file(mode_t mode = 0600, const std::string& text = "") const {
        std::ofstream{path_} << text;
        (void)::chmod(path_.c_str(), mode);
    }
};

// Case 1.
TEST_F(DomainLockTest, IsFreedByTheKernelWhenTheHolderIsKilled) {
    std::optional<DomainLock> held;
    test::ForkedChild holder{[&] { held = must_acquire(); }};
    ASSERT_FALSE(try_acquire());

    holder.kill_and_wait();

    EXPECT_TRUE(try_acquire());
}

// Case 2.
TEST_F(DomainLockTest, ExcludesEverybodyElseAndNobodyWhenItIsFree) {
    {
        const auto held = try_acquire();
        ASSERT_TRUE(held);
        EXPECT_FALSE(try_acquire());
        EXPECT_FALSE(try_acquire());
    }
    EXPECT_TRUE(try_acquire());
    EXPECT_TRUE(try_acquire());
}

// Case 3. Breaking it: without O_CLOEXEC in base::open_file() this is red.
TEST_F(DomainLockTest, DoesNotLeakIntoAnExecutedProgram) {
    auto held = try_acquire();
    const test::SpawnedProgram sleeper{{"sleep", "60"}};

    held.reset();

    // Its exec closes the copy a moment after it let go of our memory (base::spawn()).
    EXPECT_TRUE(test::eventually([&] { return try_acquire().has_value(); }))
        << "the executed program kept the descriptor";
}

// Case 3.
TEST_F(DomainLockTest, IsFreeAlthoughAProgramOfItsKilledHolderLivesOn) {
    const test::Pipe told;
    std::optional<DomainLock> held;
    test::ForkedChild holder{[&] {
        held = must_acquire();
        const auto child = std::get<base::Child>(base::spawn({.argv = {"sleep", "60"}}));
        const pid_t pid = child.pid();
        (void)!::write(told.write.get(), &pid, sizeof pid);
    }};
    pid_t sleeper = 0;
    ASSERT_EQ(::read(told.read.get(), &sleeper, sizeof sleeper),
              static_cast<ssize_t>(sizeof sleeper));

    holder.kill_and_wait();

    EXPECT_TRUE(test::eventually([&] { return try_acquire().has_value(); }));
    EXPECT_EQ(::kill(sleeper, SIGKILL), 0) << "it was to live on";
}

// Case 28.
TEST_F(DomainLockTest, IsHeldByEveryCopyOfItsDescriptor) {
    auto held = try_acquire();
    base::UniqueFd copy = base::duplicate(held->fd());

    held.reset();
    EXPECT_FALSE(try_acquire());
    copy.reset();
    EXPECT_TRUE(try_acquire());
}

// Case 5; the races are in lock_stress_test.cpp.
TEST_F(DomainLockTest, OnAnUnlinkedFileIsWorthNothing) {
    const auto old = try_acquire();
    ASSERT_TRUE(is_at_path(old->fd(), path_));

    fs::remove(path_);

    EXPECT_FALSE(is_at_path(old->fd(), path_));
    const auto next = try_acquire();
    ASSERT_TRUE(next) << "the file at the path is a new one";
    EXPECT_FALSE(is_at_path(old->fd(), path_));
    EXPECT_TRUE(is_at_path(next->fd(), path_));
}

// Case 5.
TEST_F(DomainLockTest, IsNotFooledByAFileThatWasRenamedAway) {
    const auto old = try_acquire();
    fs::rename(path_, dir_.path() / "elsewhere");

    EXPECT_FALSE(is_at_path(old->fd(), path_));
    make_lock_file();
    EXPECT_FALSE(is_at_path(old->fd(), path_));
}

// Case 6.
TEST_F(DomainLockTest, OfOneDomainIsNoConcernOfAnother) {
    const auto one = try_acquire("a-000000.ci.example.net");
    const auto other = try_acquire("a-000001.ci.example.net");
    const auto longer = try_acquire("a-000000.ci.example.net.example.net");

    EXPECT_TRUE(one);
    EXPECT_TRUE(other);
    EXPECT_TRUE(longer);
}

// Case 8.
TEST_F(DomainLockTest, TakesAFileThatACrashLeftAndSaysSo) {
    make_lock_file(0600, "{half a line");

    const auto lock = try_acquire();

    ASSERT_TRUE(lock);
    EXPECT_TRUE(lock->had_predecessor());
    EXPECT_FALSE(read_holder(lock->fd()));
}

TEST_F(DomainLockTest, TellsAHolderThatDidNotFinishFromOneThatDid) {
    const auto begin = [&] {
        auto lock = try_acquire();
        const bool had_predecessor = lock->had_predecessor();
        lock->write_holder(holder_);
        return std::pair{std::move(*lock), had_predecessor};
    };
    {
        auto [first, had_predecessor] = begin();
        EXPECT_FALSE(had_predecessor);
        std::move(first).release();
    }
    EXPECT_FALSE(begin().second) << "whoever finishes gives back";
    EXPECT_TRUE(begin().second) << "whoever does not, does not";
    {
        const auto [lock, had_predecessor] = begin();
        lock.clear_holder();
    }
    EXPECT_FALSE(begin().second) << "what was done under the lock needs no clean slate";
}

TEST_F(DomainLockTest, TakesAProbeForNoPredecessor) {
    (void)try_acquire();

    const auto lock = try_acquire();

    EXPECT_TRUE(std::filesystem::exists(path_));
    EXPECT_FALSE(lock->had_predecessor());
    EXPECT_FALSE(has_content(lock->fd()));
}

// Case 8.
TEST_F(DomainLockTest, RefusesASymbolicLink) {
    const fs::path victim = dir_.path() / "victim";
    fs::create_symlink(victim, path_);
    expect_refused("is a symbolic link");
    EXPECT_FALSE(fs::exists(victim)) << "a dangling link is not followed either";

    std::ofstream{victim} << "precious";
    (void)::chmod(victim.c_str(), 0600);
    expect_refused("is a symbolic link");
    EXPECT_EQ(base::try_read_file(victim), "precious");
}

// Case 8.
TEST_F(DomainLockTest, RefusesAHardLink) {
    const fs::path victim = dir_.path() / "victim";
    std::ofstream{victim} << "precious";
    (void)::chmod(victim.c_str(), 0600);
    fs::create_hard_link(victim, path_);

    expect_refused("is a hard link");
    EXPECT_EQ(base::try_read_file(victim), "precious");
}

TEST_F(DomainLockTest, RefusesADirectory) {
    ASSERT_TRUE(fs::create_directory(path_));

    expect_refused("is a directory");
}

// Case 8.
TEST_F(DomainLockTest, RefusesAFifoWithoutBlockingOnIt) {
    ASSERT_EQ(::mkfifo(path_.c_str(), 0600), 0);

    expect_refused("is not a regular file");
}

// Case 8.
TEST_F(DomainLockTest, RefusesASocket) {
    const base::UniqueFd socket{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path_.native().copy(address.sun_path, sizeof address.sun_path - 1);
    ASSERT_EQ(::bind(socket.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);

    expect_refused("is not a regular file");
}

// Case 8: any user who can open the file could hold the lock for ever.
TEST_F(DomainLockTest, RefusesAFileThatOthersMayOpen) {
    for (const mode_t mode : {0644U, 0604U, 0660U, 0666U, 0620U, 0601U}) {
        make_lock_file(mode);
        expect_refused("others could hold it");
    }
    make_lock_file(0600);
    EXPECT_TRUE(try_acquire());
}

// Case 8.
TEST_F(DomainLockTest, RefusesAFileOfSomebodyElse) {
    if (::geteuid() != 0) {
        GTEST_SKIP() << "needs root, to give a file away";
    }
    make_lock_file();
    ASSERT_EQ(::chown(path_.c_str(), 1500, 1500), 0);

    expect_refused("belongs to uid 1500");
}

TEST_F(DomainLockTest, TakesTheFilesOfTheGroupThatRootLetsLock) {
    if (::geteuid() != 0) {
        GTEST_SKIP() << "needs root, to give files away";
    }
    make_lock_file();
    ASSERT_EQ(::chown(path_.c_str(), 1500, 1500), 0);
    const auto expect_taken_in = [&](mode_t mode, uid_t owner, bool taken) {
        ASSERT_EQ(::chown(dir_.path().c_str(), owner, 1500), 0);
        ASSERT_EQ(::chmod(dir_.path().c_str(), mode), 0);
        if (taken) {
            EXPECT_TRUE(try_acquire());
        } else {
            expect_refused("belongs to uid 1500");
        }
    };

    expect_taken_in(01770, 0, true);
    expect_taken_in(01775, 0, true);
    // Where anybody can have made it, where it can be replaced, and where it was not root's word.
    expect_taken_in(01777, 0, false);
    expect_taken_in(0770, 0, false);
    expect_taken_in(01750, 0, false);
    expect_taken_in(01770, 1500, false);
    ASSERT_EQ(::chown(dir_.path().c_str(), 0, 0), 0);
}

// Case 8.
TEST_F(DomainLockTest, RefusesAFileThatItMayNotEvenOpen) {
    if (::geteuid() != 0) {
        GTEST_SKIP() << "needs root, to be somebody else";
    }
    make_lock_file();
    (void)::chmod(dir_.path().c_str(), 01777);

    const base::ExitStatus status = test::run_in_child([&] {
        if (::setuid(1500) != 0) {
            return 1;
        }
        return error_of_acquire().find("belongs to somebody else") != std::string::npos ? 0 : 2;
    });

    EXPECT_EQ(status, base::ExitStatus{});
}

TEST_F(DomainLockTest, DoesNotMakeItsDirectory) {
    EXPECT_THROW((void)DomainLock::try_acquire(dir_.path() / "missing", k_domain),
                 std::system_error);
    EXPECT_FALSE(fs::exists(dir_.path() / "missing"));
}

TEST_F(DomainLockTest, MakesAFileThatOnlyItsOwnerMayOpen) {
    const mode_t old_mask = ::umask(0);
    const auto lock = try_acquire();
    (void)::umask(old_mask);

    struct stat info {};
    ASSERT_EQ(::stat(path_.c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 07777, 0600U);
}

TEST_F(DomainLockTest, TellsWhoHoldsIt) {
    const auto held = try_acquire();
    EXPECT_FALSE(std::get<Busy>(acquire()).holder);

    held->write_holder(holder_);

    const auto result = acquire();
    const Busy& busy = std::get<Busy>(result);
    EXPECT_EQ(busy.holder, holder_);
    EXPECT_EQ(busy.path, path_);
    EXPECT_EQ(count_waiters(busy.fd.get()), 0);
}

TEST_F(DomainLockTest, MayRewriteWhoHoldsIt) {
    const auto held = try_acquire();
    Holder holder{.run = "a-rather-long-run-id-that-is-longer-than-the-next",
                  .unit = "cc-ci-run-a.service",
                  .invocation = "0123456789abcdef",
                  .user = "root",
                  .since = base::parse_time("2026-03-01T09:22:30Z"),
                  .until = base::parse_time("2026-03-01T09:22:31Z")};
    held->write_holder(holder);
    holder = {.run = "1",
              .unit = "",
              .invocation = "",
              .user = "",
              .since = holder.since,
              .until = std::nullopt};

    held->write_holder(holder);

    EXPECT_EQ(read_holder(held->fd()), holder);
    EXPECT_EQ(base::try_read_file(path_), encode(holder));
}

TEST_F(DomainLockTest, RemembersThatSomebodyBroughtATeardownOfItsOwn) {
    auto held = try_acquire();
    Holder holder = holder_;
    held->write_holder(holder);
    EXPECT_FALSE(read_holder(held->fd())->own_teardown);
    holder.own_teardown = true;
    held->write_holder(holder);

    // The harness, a janitor, a later run: none of them can undo what only that teardown does.
    DomainLock::adopt(base::duplicate(held->fd()), path_).write_holder(holder_);

    EXPECT_TRUE(read_holder(held->fd())->own_teardown);
    EXPECT_EQ(read_holder(held->fd())->run, holder_.run);
    held->clear_holder();
    held->write_holder(holder_);
    EXPECT_FALSE(read_holder(held->fd())->own_teardown);
}

TEST_F(DomainLockTest, IsGivenBackForEveryCopyOfItsDescriptor) {
    auto held = try_acquire();
    const base::UniqueFd copy = base::duplicate(held->fd());
    auto waiter = base::open_file(path_, O_RDWR);

    std::move(*held).release();

    EXPECT_FALSE(fs::exists(path_));
    EXPECT_EQ(::flock(waiter.get(), LOCK_EX | LOCK_NB), 0) << "PID 1 keeps a copy for a while";
}

TEST_F(DomainLockTest, IsGivenBackWithoutItsFile) {
    auto held = try_acquire();
    fs::remove(path_);

    EXPECT_NO_THROW(std::move(*held).release());
}

TEST_F(DomainLockTest, IsTakenOverWithItsDescriptor) {
    auto held = try_acquire();
    auto adopted = DomainLock::adopt(base::duplicate(held->fd()), path_);
    held.reset();

    EXPECT_FALSE(try_acquire());
    EXPECT_FALSE(adopted.had_predecessor());
    std::move(adopted).release();
    EXPECT_TRUE(try_acquire());
}

TEST_F(DomainLockTest, CountsThoseWhoWait) {
    struct statfs info {};
    ASSERT_EQ(::statfs(dir_.path().c_str(), &info), 0);
    if (info.f_type == 0x9123683E || info.f_type == 0x794c7630) {
        GTEST_SKIP() << "btrfs and overlayfs show another device in /proc/locks than in stat(2)";
    }
    std::optional<DomainLock> held;
    test::ForkedChild holder{[&] { held = must_acquire(); }};
    const auto fd = open_lock_file(path_);
    EXPECT_EQ(count_waiters(fd->get()), 0);

    const auto wait = [&] {
        const auto own = open_lock_file(path_);
        return ::flock(own->get(), LOCK_EX);
    };
    test::BackgroundChild one{wait};
    ASSERT_TRUE(test::eventually([&] { return waiters_of(fd->get()) == 1; }));
    EXPECT_EQ(count_waiters(fd->get()), 1);
    test::BackgroundChild two{wait};
    ASSERT_TRUE(test::eventually([&] { return waiters_of(fd->get()) == 2; }));

    EXPECT_EQ(count_waiters(fd->get()), 2);
    const auto other = try_acquire("a-000001.ci.example.net");
    EXPECT_EQ(count_waiters(other->fd()), 0);
    holder.kill_and_wait();
    EXPECT_TRUE(one.wait().success());
    EXPECT_TRUE(two.wait().success());
    EXPECT_EQ(count_waiters(fd->get()), 0);
}

TEST_F(DomainLockTest, FileIsOpenedWithoutBeingMade) {
    EXPECT_FALSE(open_lock_file(path_));
    EXPECT_FALSE(fs::exists(path_));
    fs::create_directory(path_);
    EXPECT_THROW((void)open_lock_file(path_), LockError);
}

TEST(LockPathTest, GoesThereAndBack) {
    const fs::path path = lock_path("/run/lock", "a-000000.ci.example.net");

    EXPECT_EQ(path, "/run/lock/cc-ci-app-a-000000.ci.example.net.lock");
    EXPECT_EQ(domain_of(path), "a-000000.ci.example.net");
}

TEST(LockPathTest, IsNoLockOfOursByAnyOtherName) {
    for (const char* name :
         {"", "x", "cc-ci-app-.lock", "cc-ci-app-", ".lock", "cc-ci-app-a.lock.old",
          "xcc-ci-app-a.lock", "cc-ci-app-a", "cc-ci-app.lock", "docker.lock"}) {
        EXPECT_FALSE(domain_of(fs::path{"/run/lock"} / name)) << name;
    }
    EXPECT_EQ(domain_of("cc-ci-app-a.lock"), "a");
}

class LockDirTest : public testing::Test {
protected:
    bool is_refused(mode_t mode) const {
        (void)::chmod(dir_.path().c_str(), mode);
        try {
            check_lock_dir(dir_.path());
            return false;
        } catch (const LockError&) {
            return true;
        }
    }

    test::TempDir dir_;
};

TEST_F(LockDirTest, MustNotLetOthersReplaceOurFiles) {
    EXPECT_FALSE(is_refused(0700));
    EXPECT_FALSE(is_refused(0755));
    EXPECT_FALSE(is_refused(01777));
    EXPECT_TRUE(is_refused(0777));
    EXPECT_TRUE(is_refused(0703));
    EXPECT_FALSE(is_refused(01770));
    EXPECT_TRUE(is_refused(0770));
    EXPECT_TRUE(is_refused(0720));
    (void)::chmod(dir_.path().c_str(), 0700);
}

TEST_F(LockDirTest, MustNotBeAnotherUsers) {
    if (::geteuid() != 0) {
        GTEST_SKIP() << "needs root, to give it away";
    }
    ASSERT_EQ(::chown(dir_.path().c_str(), 1500, 1500), 0);

    EXPECT_TRUE(is_refused(0755));
    EXPECT_TRUE(is_refused(01777));
}

TEST_F(LockDirTest, MustExistAndBeADirectory) {
    std::ofstream{dir_.path() / "file"} << "x";

    EXPECT_THROW(check_lock_dir(dir_.path() / "missing"), LockError);
    EXPECT_THROW(check_lock_dir(dir_.path() / "file"), LockError);
    EXPECT_THROW(check_lock_dir(dir_.path() / "file" / "below"), std::system_error);
}

}  // namespace
}  // namespace ccci::locks
