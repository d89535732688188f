#include <csignal>
#include <thread>

#include "engine/engine_error.hpp"
#include "platform/swarm_fixture.hpp"

namespace ccci::platform {
namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;
using Left = std::vector<std::string>;

class SwarmTeardownTest : public test::SwarmTest {
protected:
    TeardownReport tear_down(std::chrono::milliseconds span = 60s, Patience patience = {}) {
        return platform(patience).teardown(domain_, steady_clock::now() + span);
    }
};

TEST_F(SwarmTeardownTest, RemovesAllThatAStackConsistsOf) {
    std::filesystem::create_directories(dir_.path() / "abra/servers/default");
    const std::filesystem::path env_file =
        dir_.path() / "abra/servers/default" / (domain_ + ".env");
    std::ofstream{env_file} << "TYPE=web\n";
    std::ofstream{dir_.path() / "setting"} << "x";
    ASSERT_TRUE(app_.create_secret(app_.stack() + "_key_v1", "secret"));
    ASSERT_EQ(deploy(R"(
version: "3.8"
services:
  app:
    image: ccci-test/web:1
    networks: [internal]
    volumes: ["data:/data"]
    secrets: [key]
    configs: [setting]
  db:
    image: ccci-test/web:1
    networks: [internal]
    deploy: {replicas: 2}
networks: {internal: }
volumes: {data: }
configs: {setting: {file: ./setting}}
secrets: {key: {external: true, name: )" +
                     app_.stack() + "_key_v1}}\n"),
              std::nullopt);
    ASSERT_TRUE(app_.wait_converged(steady_clock::now() + 60s).ok());
    ASSERT_EQ(evidence(), "2 services, 1 network, 1 config, 1 secret, 1 volume, 1 env file");

    const TeardownReport report = tear_down();

    EXPECT_EQ(report.left, Left{});
    EXPECT_EQ(report.removed, (std::map<std::string, int>{{"service", 2},
                                                          {"network", 1},
                                                          {"config", 1},
                                                          {"secret", 1},
                                                          {"volume", 1},
                                                          {"env file", 1}}));
    EXPECT_EQ(remains(), "");
    EXPECT_EQ(evidence(), "");
    EXPECT_FALSE(std::filesystem::exists(env_file));
    fmt::print("{}\n", report.summary());
}

// Case 21.
TEST_F(SwarmTeardownTest, NeverTouchesAStackWhoseNameIsLonger) {
    const std::string longer = app_.stack() + "_b";
    shell("docker secret create " + app_.stack() + "_key /etc/hostname");
    shell("docker secret create " + longer + "_key /etc/hostname");
    shell("docker volume create " + longer + "_data");
    shell("docker network create --driver overlay " + longer + "_net");
    shell("docker service create --detach --quiet --name " + longer +
          "_app --label com.docker.stack.namespace=" + longer + " ccci-test/web:1");

    const TeardownReport report = tear_down();

    EXPECT_EQ(report.removed, (std::map<std::string, int>{{"secret", 1}}));
    EXPECT_EQ(report.left, Left{});
    EXPECT_EQ(shell("docker service ls --quiet --filter name=" + longer + "_app | wc -l"), "1");
    EXPECT_EQ(shell("docker volume ls --quiet --filter name=" + longer + "_data"),
              longer + "_data");
    EXPECT_EQ(shell("docker secret ls --format '{{.Name}}'"), longer + "_key");
    EXPECT_EQ(shell("docker network ls --quiet --filter name=" + longer + "_net | wc -l"), "1");
    EXPECT_EQ(evidence(), "") << "parts of the longer one are taken for the app's";

    shell("docker service rm " + longer + "_app; docker secret rm " + longer + "_key; " +
          "docker network rm " + longer + "_net; docker volume rm " + longer + "_data");
}

/// A domain that is locked for several hosts.
class RevisionTest : public SwarmTeardownTest {
protected:
    run::Config at(std::int64_t revision) const {
        run::Config config = config_;
        config.lock.host = "ci-1";
        config.lock_revision = revision;
        return config;
    }

    TeardownReport tear_down_at(std::int64_t revision) const {
        return SwarmPlatform{at(revision)}.teardown(domain_, steady_clock::now() + 60s);
    }

    void deploy_at(std::int64_t revision) {
        SwarmApp app{at(revision), domain_, "7"};
        std::ofstream{dir_.path() / "compose.yml"} << R"(
version: "3.8"
services: {app: {image: "ccci-test/web:1", volumes: ["data:/data"]}}
volumes: {data: }
)";
        ASSERT_EQ(app.deploy({.compose_files = {"compose.yml"},
                              .environment = base::own_environment(),
                              .directory = dir_.path()},
                             steady_clock::now() + 60s),
                  std::nullopt);
        ASSERT_TRUE(app.wait_converged(steady_clock::now() + 60s).ok());
    }

    void TearDown() override {
        if (std::getenv("CCCI_SANDBOX_SWARM") != nullptr) {
            EXPECT_TRUE(tear_down_at(k_highest).clean());
        }
    }

    static constexpr std::int64_t k_highest = 1'000'000;
};

TEST_F(RevisionTest, IsLabelledWithItsRunAndItsHost) {
    deploy_at(12);

    EXPECT_EQ(shell("docker config inspect --format '{{json .Spec.Labels}}' " + app_.stack() +
                    "_cc-ci-owner-12"),
              R"({"com.docker.stack.namespace":")" + app_.stack() +
                  R"(","io.cc-ci.host":"ci-1","io.cc-ci.revision":"12","io.cc-ci.run":"7"})");
}

TEST_F(RevisionTest, LetsNobodyRemoveWhatALaterHolderHasDeployed) {
    deploy_at(12);
    const std::string before = remains();

    for (const std::int64_t earlier : {11, 0}) {
        const TeardownReport report = tear_down_at(earlier);

        EXPECT_FALSE(report.clean());
        EXPECT_EQ(report.removed, (std::map<std::string, int>{}));
        ASSERT_EQ(report.left.size(), 1U);
        EXPECT_NE(report.left[0].find("later lock of the domain (revision 12"), std::string::npos)
            << report.left[0];
    }
    EXPECT_EQ(remains(), before);
}

TEST_F(RevisionTest, LetsItsOwnAndLaterHoldersRemoveAllOfIt) {
    deploy_at(12);
    EXPECT_TRUE(tear_down_at(12).clean());
    EXPECT_EQ(remains(), "");

    deploy_at(13);
    EXPECT_TRUE(tear_down_at(20).clean());
    EXPECT_EQ(remains(), "");
}

TEST_F(SwarmTeardownTest, FindsAndRemovesAVolumeThatIsAllThatIsLeft) {
    shell("docker volume create " + app_.stack() + "_db");
    EXPECT_EQ(evidence(), "1 volume");

    EXPECT_EQ(tear_down().removed, (std::map<std::string, int>{{"volume", 1}}));
    EXPECT_EQ(evidence(), "");
}

TEST_F(SwarmTeardownTest, RemovesASecretThatWasMadeOutsideOfTheStack) {
    shell("docker secret create " + app_.stack() + "_key_v1 /etc/hostname");
    EXPECT_EQ(evidence(), "1 secret");

    EXPECT_EQ(tear_down().removed, (std::map<std::string, int>{{"secret", 1}}));
}

TEST_F(SwarmTeardownTest, RemovesAContainerThatNoServiceMade) {
    shell("docker run --detach --name " + app_.stack() + "_backup --volume " + app_.stack() +
          "_data:/data ccci-test/web:1");

    EXPECT_EQ(tear_down().removed, (std::map<std::string, int>{{"container", 1}, {"volume", 1}}));
    EXPECT_EQ(remains(), "");
}

TEST_F(SwarmTeardownTest, DoesNotWaitForAServiceThatIgnoresTerm) {
    ASSERT_EQ(deploy(R"(
version: "3.8"
services:
  app:
    image: ccci-test/web:1
    stop_signal: SIGTERM
    stop_grace_period: 5m
    command: ["sh", "-c", "trap '' TERM; while :; do sleep 1; done"]
    volumes: ["data:/data"]
volumes: {data: }
)"),
              std::nullopt);
    ASSERT_TRUE(app_.wait_converged(steady_clock::now() + 60s).ok());

    const TeardownReport report = tear_down();

    EXPECT_TRUE(report.clean());
    EXPECT_LT(report.took, 10s);
}

TEST_F(SwarmTeardownTest, OfNothingIsQuick) {
    (void)tear_down();
    const auto begin = steady_clock::now();

    for (int round = 0; round < 20; ++round) {
        EXPECT_EQ(tear_down().summary(), "nothing left");
    }

    const auto each = (steady_clock::now() - begin) / 20;
    EXPECT_LT(each, 100ms);
    fmt::print("teardown of nothing: {:.1f}ms\n",
               std::chrono::duration<double, std::milli>(each).count());
}

TEST_F(SwarmTeardownTest, NamesWhatIsInTheWayAndRemovesTheRest) {
    shell("docker volume create " + app_.stack() + "_free");
    shell("docker run --detach --name foreign --volume " + app_.stack() +
          "_used:/data ccci-test/web:1");

    const TeardownReport report = tear_down(60s, {.stuck = 1500ms, .unreachable = 1s});

    EXPECT_EQ(report.removed, (std::map<std::string, int>{{"volume", 1}}));
    ASSERT_EQ(report.left.size(), 1U);
    EXPECT_TRUE(report.left[0].starts_with("volume " + app_.stack() + "_used: ")) << report.left[0];
    EXPECT_NE(report.left[0].find("in use"), std::string::npos) << report.left[0];
    EXPECT_LT(report.took, 10s);
    shell("docker rm --force foreign");
}

// Case 19.
TEST_F(SwarmTeardownTest, StopsAtItsTime) {
    shell("docker run --detach --name foreign --volume " + app_.stack() +
          "_used:/data ccci-test/web:1");

    const TeardownReport report = tear_down(500ms);

    EXPECT_EQ(report.left.size(), 1U);
    EXPECT_LT(report.took, 3s);
    shell("docker rm --force foreign");
}

// Cases 45 and 46: the deploy is killed at various moments.
TEST_F(SwarmTeardownTest, LeavesNothingOfADeployThatWasKilled) {
    std::string compose = "version: '3.8'\nnetworks: {internal: }\nvolumes: {data: }\nservices:\n";
    for (int number = 0; number < 6; ++number) {
        compose += fmt::format(
            "  app{}: {{image: 'ccci-test/web:1', networks: [internal], volumes: "
            "['data:/data']}}\n",
            number);
    }
    for (const auto delay : {30ms, 80ms, 150ms, 300ms, 600ms}) {
        auto deploy_it = [&] { return deploy(compose) ? 1 : 0; };
        base::Child child = base::fork_function(deploy_it);
        // The moment is the point of this test: there is no event to wait for.
        std::this_thread::sleep_for(delay);
        child.kill(SIGKILL);
        (void)child.wait();

        const TeardownReport report = tear_down();

        EXPECT_TRUE(report.clean()) << report.summary();
        EXPECT_LT(report.took, 10s);
        EXPECT_EQ(remains(), "");
    }
}

TEST_F(SwarmTeardownTest, GetsThroughARestartOfTheEngine) {
    ASSERT_EQ(deploy("version: '3.8'\nservices:\n  app: {image: 'ccci-test/web:1', "
                     "volumes: ['data:/data']}\nvolumes: {data: }\n"),
              std::nullopt);
    ASSERT_TRUE(app_.wait_converged(steady_clock::now() + 60s).ok());
    auto started = base::spawn({.argv = {"systemctl", "restart", "docker"}});

    const TeardownReport report = tear_down();

    EXPECT_TRUE(report.clean()) << report.summary();
    EXPECT_TRUE(std::get<base::Child>(started).wait().success());
    EXPECT_EQ(remains(), "");
}

TEST_F(SwarmTeardownTest, SaysInOneLineThatTheEngineIsDown) {
    shell("systemctl stop docker.socket docker.service");
    std::string of_list;
    try {
        (void)platform().list(config_.run_app_pattern);
    } catch (const engine::EngineError& error) {
        of_list = error.what();
    }
    std::string of_teardown;
    try {
        (void)tear_down(60s, {.stuck = 1s, .unreachable = 200ms});
    } catch (const engine::EngineError& error) {
        of_teardown = error.what();
    }
    shell("systemctl start docker.socket docker.service");

    EXPECT_TRUE(of_list.starts_with("connect to docker at /var/run/docker.sock: ")) << of_list;
    EXPECT_TRUE(of_list.ends_with("; is the Docker engine running?")) << of_list;
    EXPECT_EQ(of_list.find('\n'), std::string::npos);
    EXPECT_EQ(of_teardown, of_list);
}

}  // namespace
}  // namespace ccci::platform
