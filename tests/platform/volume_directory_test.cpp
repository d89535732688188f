#include "platform/volume_directory.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <stdexcept>
#include <string_view>

#include "support/other_user.hpp"
#include "support/temp_dir.hpp"

namespace ccci::platform {
namespace {

TEST(VolumeDirectoryTest, IsHereWhenItIsADirectoryOfThisHost) {
    const test::TempDir dir;

    EXPECT_TRUE(is_volume_here(dir.path()));
    EXPECT_FALSE(is_volume_here(dir.path() / "missing"));
    EXPECT_FALSE(is_volume_here(""));
    EXPECT_FALSE(is_volume_here("proc"));
}

TEST(VolumeDirectoryTest, SaysThatAUserMayNotLook) {
    if (::geteuid() != 0) {
        GTEST_SKIP() << "needs root, to be somebody else";
    }
    const test::TempDir dir;  // as /var/lib/docker is: root's alone

    EXPECT_TRUE(test::as_other_user([&] {
        try {
            (void)is_volume_here(dir.path() / "_data");
            return 1;
        } catch (const std::runtime_error& error) {
            return std::string_view{error.what()}.find("only root") != std::string_view::npos ? 0
                                                                                              : 2;
        }
    }));
}

}  // namespace
}  // namespace ccci::platform
