#include "scenarios/doctor_scenario.hpp"

// Docker and a Swarm, there and not.

namespace ccci::test {
namespace {

class DoctorSwarmTest : public DoctorScenario {
protected:
    void SetUp() override {
        Scenario::SetUp();
        if (std::getenv("CCCI_SANDBOX_SWARM") == nullptr) {
            GTEST_SKIP() << "not in tests/sandbox/sandbox --swarm";
        }
        ::setenv("CCCI_APP_LOCK_DIR", "/run/lock", 1);
        ::setenv("CCCI_PLATFORM", "swarm", 1);
    }
};

TEST_F(DoctorSwarmTest, SeesTheSwarmAndMendsIt) {
    const Checks checks = examine({});
    EXPECT_EQ(report_.at("counts").at("failed"), 0) << report_.dump(2);
    for (const char* name : {"docker", "swarm", "swarm.addresses", "orphans", "tool.docker",
                             "tool.git", "tool.tar", "tool.find"}) {
        EXPECT_EQ(status(checks, name), "ok") << name;
    }

    expect_mended(
        "orphans", "warning",
        "docker volume create --label com.docker.stack.namespace=demo-0a1b2c_ci_localhost "
        "demo-0a1b2c_ci_localhost_data");

    (void)shell("systemctl stop docker.socket docker.service");
    const Checks stopped = examine();
    EXPECT_EQ(status(stopped, "docker"), "failed");
    EXPECT_EQ(status(stopped, "swarm"), "skipped");
    (void)shell(stopped.at("docker").at("fix").at("text"));
    EXPECT_EQ(status(examine(), "docker"), "ok");

    (void)shell("docker swarm leave --force");
    const Checks left = examine();
    ASSERT_EQ(status(left, "swarm"), "failed") << left.at("swarm");
    (void)shell(left.at("swarm").at("fix").at("text"));
    EXPECT_EQ(status(examine(), "swarm"), "ok");
}

}  // namespace
}  // namespace ccci::test
