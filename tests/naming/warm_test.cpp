#include "naming/warm.hpp"

#include <gtest/gtest.h>

#include "run/usage_error.hpp"

namespace ccci::naming {
namespace {

TEST(WarmAppTest, HasADomainOfItsOwn) {
    EXPECT_EQ(warm_app_domain("immich", {}), "warm-immich.ci.localhost");
}

// Case 17.
TEST(WarmAppTest, IsNeverARunApp) {
    EXPECT_THROW((void)warm_app_domain("facade", {}), run::UsageError);
    EXPECT_THROW((void)warm_app_domain("123456", {}), run::UsageError);
}

TEST(WarmAppTest, HasADirectoryBelowTheStateDirectory) {
    run::Config config;
    config.state_dir = "/s";

    EXPECT_EQ(warm_app_directory("immich", config), "/s/warm/immich");
    EXPECT_THROW((void)warm_app_directory("../x", config), run::UsageError);
}

}  // namespace
}  // namespace ccci::naming
