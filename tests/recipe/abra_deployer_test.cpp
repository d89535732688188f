#include "recipe/abra_deployer.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

#include "base/process.hpp"
#include "run/names.hpp"
#include "run/usage_error.hpp"
#include "support/temp_dir.hpp"

namespace ccci::recipe {
namespace {

class AbraDeployerTest : public testing::Test {
protected:
    AbraDeployerTest() {
        job_.config.platform = run::PlatformKind::abra;
        job_.config.abra_command = CCCI_SOURCE_DIR "/tests/support/abra";
    }

    /// What is in the log when it is made.
    std::string log_for(const std::string& domain) {
        testing::internal::CaptureStdout();
        (void)make_deployer(job_, run::stack_name(domain), base::own_environment());
        return testing::internal::GetCapturedStdout();
    }
    std::string usage_error_for(const std::string& domain) {
        try {
            (void)log_for(domain);
        } catch (const run::UsageError& error) {
            (void)testing::internal::GetCapturedStdout();
            return error.what();
        }
        return "none";
    }

    test::TempDir dir_;
    JobContext job_;
};

TEST_F(AbraDeployerTest, SaysWhichAbraItIs) {
    EXPECT_EQ(log_for("gues-000000.ci.localhost"), "with abra 0.13.0-beta\n");

    job_.config.abra_command = dir_.path() / "abra";
    std::ofstream{dir_.path() / "abra"} << "#!/bin/sh\necho abra version 0.14.2-beta-06a57de\n";
    ASSERT_EQ(::chmod(job_.config.abra_command.c_str(), 0755), 0);
    EXPECT_EQ(log_for("gues-000000.ci.localhost"),
              "with abra 0.14.2-beta; remark: cc-ci was written for abra 0.13.0-beta\n");
}

TEST_F(AbraDeployerTest, RefusesADomainWhoseStackAbraWouldCallOtherwise) {
    const std::string name(20, 'x');

    EXPECT_EQ(usage_error_for("gues-000000." + name + ".ci.localhost"), "none");
    EXPECT_EQ(usage_error_for("gues-000000." + name + ".ci.localhost.net"),
              "domain 'gues-000000." + name +
                  ".ci.localhost.net': longer than 45 characters, which is more than abra takes");
}

TEST_F(AbraDeployerTest, WantsAnAbra) {
    job_.config.abra_command = "no-such-abra";

    EXPECT_EQ(usage_error_for("gues-000000.ci.localhost"),
              "abra_command 'no-such-abra': not found in PATH");
}

}  // namespace
}  // namespace ccci::recipe
