#include "locks/lock_view.hpp"

#include <sys/file.h>
#include <sys/prctl.h>

#include "locks/lock_fixture.hpp"
#include "support/forked_child.hpp"

namespace ccci::locks {
namespace {

class LockViewTest : public LockTest {
protected:
    LockView view() const { return view_lock(open_lock_file(path_)->get()); }
};

TEST_F(LockViewTest, TellsAHeldLockFromAFreeOne) {
    std::optional<DomainLock> held;
    test::ForkedChild holder{[&] { held = must_acquire(); }};
    const auto other = try_acquire("a-000001.ci.example.net");

    EXPECT_EQ(view(), LockView::held);
    holder.kill_and_wait();
    EXPECT_EQ(view(), LockView::free);
}

// In a container /proc/locks does not show such a lock.
TEST_F(LockViewTest, SeesALockWhoseTakerIsDead) {
    const base::UniqueFd copy = base::open_file(path_, O_RDWR | O_CREAT, 0600);
    ASSERT_TRUE(test::run_in_child([&] { return ::flock(copy.get(), LOCK_EX); }).success());

    EXPECT_EQ(view(), LockView::held);
    ASSERT_EQ(::flock(copy.get(), LOCK_UN), 0);
    EXPECT_EQ(view(), LockView::free);
}

TEST_F(LockViewTest, TakesWhoOnlyOpenedItForNoHolder) {
    const base::UniqueFd opened = base::open_file(path_, O_RDWR | O_CREAT, 0600);

    EXPECT_EQ(view(), LockView::free);
}

TEST_F(LockViewTest, IsNotFooledByALockOnAFileThatWasUnlinked) {
    const auto old = try_acquire();
    std::filesystem::remove(path_);
    const base::UniqueFd next = base::open_file(path_, O_RDWR | O_CREAT, 0600);

    EXPECT_EQ(view(), LockView::free);
    EXPECT_EQ(view_lock(old->fd()), LockView::held);
}

// What may not be looked into may hold it.
TEST_F(LockViewTest, SaysWhenItMayNotLook) {
    if (::geteuid() != 0) {
        GTEST_SKIP() << "needs root, to be somebody else";
    }
    constexpr uid_t k_user = 1500;
    (void)::chmod(dir_.path().c_str(), 0777);
    const test::ForkedChild closed{[] {
        // Root's until now, so not dumpable from here on (prctl(2)).
        if (::setuid(k_user) != 0) {
            throw std::runtime_error{"setuid"};
        }
    }};

    const base::ExitStatus status = test::run_in_child([&] {
        if (::setuid(k_user) != 0 || ::prctl(PR_SET_DUMPABLE, 1) != 0) {
            return 1;
        }
        const base::UniqueFd fd = base::open_file(path_, O_RDWR | O_CREAT, 0600);
        return view_lock(fd.get()) == LockView::unknown ? 0 : 2;
    });

    EXPECT_EQ(status, base::ExitStatus{});
}

}  // namespace
}  // namespace ccci::locks
