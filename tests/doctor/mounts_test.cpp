#include "doctor/mounts.hpp"

#include <gtest/gtest.h>

namespace ccci::doctor {
namespace {

constexpr const char* k_mountinfo =
    "22 1 0:20 / / rw,relatime - overlay overlay rw\n"
    "23 22 0:21 / /run rw,nosuid shared:2 master:1 - tmpfs tmpfs rw\n"
    "nonsense\n"
    "24 23 0:22 / /run/lock rw - tmpfs tmpfs rw\n"
    "25 22 0:23 / /srv/a\\040b rw - nfs4 host:/x rw\n";

TEST(MountsTest, TheLongestPointIsTheOne) {
    EXPECT_EQ(find_mount(k_mountinfo, "/run/lock/x").point, "/run/lock");
    EXPECT_EQ(find_mount(k_mountinfo, "/run/locks").point, "/run");
    EXPECT_EQ(find_mount(k_mountinfo, "/var").type, "overlay");
    EXPECT_EQ(find_mount(k_mountinfo, "/srv/a b").type, "nfs4");
    EXPECT_EQ(find_mount("", "/x").point, "/");
}

}  // namespace
}  // namespace ccci::doctor
