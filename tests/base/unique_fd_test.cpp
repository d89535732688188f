#include "base/unique_fd.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>

#include <cerrno>
#include <utility>

#include "base/files.hpp"

namespace ccci::base {
namespace {

bool is_open(int fd) {
    return ::fcntl(fd, F_GETFD) >= 0;
}

UniqueFd open_null() {
    return open_file("/dev/null", O_RDONLY);
}

TEST(UniqueFdTest, ClosesWhenItGoes) {
    int number = -1;
    {
        const UniqueFd fd = open_null();
        number = fd.get();
        ASSERT_TRUE(is_open(number));
    }

    EXPECT_FALSE(is_open(number));
}

TEST(UniqueFdTest, ClosesTheOldOneWhenItIsOverwritten) {
    UniqueFd fd = open_null();
    const int old = fd.get();
    UniqueFd other = open_null();
    const int kept = other.get();

    fd = std::move(other);

    EXPECT_FALSE(is_open(old));
    EXPECT_EQ(fd.get(), kept);
    EXPECT_TRUE(is_open(kept));
}

TEST(UniqueFdTest, SurvivesBeingMovedOntoItself) {
    UniqueFd fd = open_null();
    const int number = fd.get();
    UniqueFd& itself = fd;

    fd = std::move(itself);

    EXPECT_EQ(fd.get(), number);
    EXPECT_TRUE(is_open(number));
}

TEST(UniqueFdTest, OwnsNothingAfterAMove) {
    UniqueFd fd = open_null();

    const UniqueFd other{std::move(fd)};

    EXPECT_FALSE(fd);  // NOLINT(bugprone-use-after-move)
    EXPECT_TRUE(is_open(other.get()));
}

TEST(UniqueFdTest, LeavesAReleasedOneOpen) {
    UniqueFd fd = open_null();

    const int number = fd.release();

    EXPECT_FALSE(fd);
    EXPECT_TRUE(is_open(number));
    UniqueFd{number}.reset();
}

TEST(UniqueFdTest, KeepsErrnoWhileItCloses) {
    UniqueFd never_open{1 << 20};
    errno = ENOSPC;

    never_open.reset();

    EXPECT_EQ(errno, ENOSPC);
}

}  // namespace
}  // namespace ccci::base
