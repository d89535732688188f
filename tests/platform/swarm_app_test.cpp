#include "platform/swarm_app.hpp"

#include "platform/swarm_fixture.hpp"

namespace ccci::platform {
namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;
using State = Convergence::State;
using Sentences = std::vector<std::string>;

/// A compose file with one service, `app`, that has these further lines.
std::string one_service(const std::string& lines) {
    return "version: '3.8'\nservices:\n  app:\n    image: ccci-test/web:1\n" + lines;
}

class SwarmAppTest : public test::SwarmTest {
protected:
    Convergence converge(std::chrono::milliseconds span = 60s) {
        const auto begin = steady_clock::now();
        Convergence result = app_.wait_converged(begin + span);
        took_ = steady_clock::now() - begin;
        return result;
    }
    /// A loaded engine hears of an exit seconds late, and takes the task for running until then.
    Convergence converge_after_trouble(std::chrono::milliseconds span = 60s) {
        Convergence result;
        for (int look = 0; look == 0 || (result.ok() && look < 6); ++look) {
            app_.expect_trouble();
            result = converge(span);
        }
        return result;
    }

    steady_clock::duration took_{};
};

TEST_F(SwarmAppTest, MakesASecretOnceAndWithItsLabels) {
    const std::string name = app_.stack() + "_key_v1";

    EXPECT_TRUE(app_.create_secret(name, "one"));
    EXPECT_FALSE(app_.create_secret(name, "two"));
    EXPECT_TRUE(app_.create_config(name, std::string{"\0\xff binary", 9}));
    EXPECT_FALSE(app_.create_config(name, "x"));

    EXPECT_EQ(shell("docker secret inspect --format '{{json .Spec.Labels}}' " + name),
              R"({"com.docker.stack.namespace":")" + app_.stack() + R"(","io.cc-ci.run":"7"})");
    EXPECT_EQ(shell("docker config inspect --format '{{json .Spec.Data}}' " + name),
              R"("AP8gYmluYXJ5")");
}

TEST_F(SwarmAppTest, SeesAServiceComeUp) {
    ASSERT_EQ(deploy(one_service("    ports: ['8080:80']\n    labels: {inner: one}\n"
                                 "    deploy: {replicas: 2, labels: {outer: two}}\n")),
              std::nullopt);

    const Convergence result = converge();

    EXPECT_TRUE(result.ok());
    EXPECT_EQ(result.sentences, Sentences{});
    EXPECT_EQ(app_.containers("app").size(), 2U);
    EXPECT_EQ(app_.containers("other").size(), 0U);
    EXPECT_EQ(app_.published_port("app"), 8080);
    EXPECT_EQ(app_.published_port("other"), std::nullopt);
    const std::vector<ServiceFacts> services = app_.services();
    ASSERT_EQ(services.size(), 1U);
    EXPECT_EQ(services[0].name, "app");
    EXPECT_EQ(services[0].image, "ccci-test/web:1");
    EXPECT_EQ(services[0].labels.at("outer"), "two");
    EXPECT_EQ(services[0].container_labels.at("inner"), "one");
}

TEST_F(SwarmAppTest, FindsAPortThatTheEngineChose) {
    ASSERT_EQ(deploy(one_service("    ports: [{target: 80, mode: host}]\n")), std::nullopt);
    ASSERT_TRUE(converge().ok());

    const std::optional<std::uint16_t> port = app_.published_port("app");

    ASSERT_TRUE(port);
    EXPECT_EQ(shell(fmt::format("busybox wget -q -O - http://127.0.0.1:{}/", *port)),
              "cc-ci test page");
}

TEST_F(SwarmAppTest, TellsWhyADeployFailed) {
    EXPECT_EQ(deploy("version: '3.8'\nservices: {app: {imag: x}}\n"),
              "services.app Additional property imag is not allowed");
    EXPECT_EQ(deploy(one_service("    secrets: [key]\nsecrets: {key: {external: true}}\n")),
              "service app: secret not found: key");
    EXPECT_EQ(app_.deploy({.compose_files = {"-x"},
                           .environment = base::own_environment(),
                           .directory = dir_.path()},
                          steady_clock::now() + 60s),
              "open -x: no such file or directory");
}

TEST_F(SwarmAppTest, KillsADeployThatTakesTooLong) {
    std::ofstream{dir_.path() / "compose.yml"} << one_service("");

    EXPECT_EQ(app_.deploy({.compose_files = {"compose.yml"},
                           .environment = base::own_environment(),
                           .directory = dir_.path()},
                          steady_clock::now()),
              "not finished in time");
}

TEST_F(SwarmAppTest, PrunesAServiceThatIsGoneFromTheComposeFile) {
    ASSERT_EQ(deploy(one_service("  old: {image: 'ccci-test/web:1'}\n")), std::nullopt);
    ASSERT_TRUE(converge().ok());

    ASSERT_EQ(deploy(one_service("")), std::nullopt);
    ASSERT_TRUE(converge().ok());

    EXPECT_EQ(app_.services().size(), 1U);
}

// Case 47.
TEST_F(SwarmAppTest, DoesNotTakeTheOldTasksForTheNewOnes) {
    const std::string settings =
        "    deploy: {replicas: 2, update_config: {delay: 100ms, monitor: 100ms, order: "
        "start-first}}\n";
    ASSERT_EQ(deploy(one_service(settings)), std::nullopt);
    ASSERT_TRUE(converge().ok());

    for (const char* version : {"2", "1", "2", "1", "2"}) {
        const std::string compose =
            base::replace_all(one_service(settings), "web:1", fmt::format("web:{}", version));
        ASSERT_EQ(deploy(compose), std::nullopt);
        ASSERT_TRUE(converge().ok());

        EXPECT_EQ(shell("docker service ps --filter desired-state=running --format '{{.Image}} "
                        "{{.DesiredState}}' " +
                        app_.stack() + "_app"),
                  fmt::format("ccci-test/web:{0} Running\nccci-test/web:{0} Running", version));
    }
}

TEST_F(SwarmAppTest, TakesARedeployThatChangesNothingForConverged) {
    ASSERT_EQ(deploy(one_service("")), std::nullopt);
    ASSERT_TRUE(converge().ok());

    ASSERT_EQ(deploy(one_service("")), std::nullopt);

    EXPECT_TRUE(converge().ok());
    EXPECT_LT(took_, 2s);
}

// Case 47: the first task of the new version fails once, which pauses the update for good.
TEST_F(SwarmAppTest, TakesAPausedUpdateForSettled) {
    const std::string settings =
        "    volumes: ['data:/data']\n"
        "    deploy: {restart_policy: {delay: 1s}, update_config: {monitor: 2s}}\n";
    ASSERT_EQ(deploy(one_service(settings) + "volumes: {data: }\n"), std::nullopt);
    ASSERT_TRUE(converge().ok());

    ASSERT_EQ(deploy(one_service("    command: ['sh', '-c', 'test -e /data/x && exec httpd -f; "
                                 "touch /data/x; exit 1']\n" +
                                 settings) +
                     "volumes: {data: }\n"),
              std::nullopt);
    const Convergence result = converge();

    EXPECT_TRUE(result.ok());
    ASSERT_EQ(result.sentences.size(), 1U);
    EXPECT_TRUE(
        result.sentences[0].starts_with("app: update ended as paused: update paused due to "
                                        "failure or early termination of task"))
        << result.sentences[0];
}

TEST_F(SwarmAppTest, CallsACrashLoopByItsName) {
    ASSERT_EQ(deploy(one_service("    command: ['sh', '-c', 'exit 3']\n"
                                 "    deploy: {restart_policy: {delay: 100ms}}\n")),
              std::nullopt);

    const Convergence result = converge_after_trouble(20s);

    EXPECT_EQ(result.state, State::crash_looping);
    ASSERT_EQ(result.sentences.size(), 1U);
    EXPECT_TRUE(result.sentences[0].starts_with("app: 0 of 1 running; ")) << result.sentences[0];
    EXPECT_TRUE(
        result.sentences[0].ends_with(" tasks failed, the last one: task: non-zero exit (3)"))
        << result.sentences[0];
}

TEST_F(SwarmAppTest, DoesNotWaitForWhatIsNotTriedAgain) {
    ASSERT_EQ(deploy(one_service("    command: ['sh', '-c', 'exit 3']\n"
                                 "    deploy: {restart_policy: {condition: none}}\n")),
              std::nullopt);

    const Convergence result = converge();

    EXPECT_EQ(result.state, State::crash_looping);
    EXPECT_EQ(result.sentences,
              Sentences{"app: 0 of 1 running; 1 task failed, the last one: task: non-zero exit "
                        "(3); it is not tried again"});
    EXPECT_LT(took_, 15s);
}

/// As after a restore, of which the app dies a moment later.
TEST_F(SwarmAppTest, WatchesTheTasksAnewWhenItExpectsTrouble) {
    ASSERT_EQ(deploy(one_service("    command: ['sh', '-c', 'while ! test -e /end; do sleep 0.2; "
                                 "done; exit 3']\n"
                                 "    deploy: {restart_policy: {condition: none}}\n")),
              std::nullopt);
    ASSERT_TRUE(converge().ok());
    const std::string container = app_.containers("app").at(0);

    ASSERT_EQ(app_.execute(container, "touch /end", steady_clock::now() + 60s), std::nullopt);

    EXPECT_EQ(converge_after_trouble().state, State::crash_looping);
}

TEST_F(SwarmAppTest, SaysThatAnImageIsMissing) {
    ASSERT_EQ(
        deploy(base::replace_all(one_service("    deploy: {restart_policy: {delay: 100ms}}\n"),
                                 "web:1", "web:none")),
        std::nullopt);

    const Convergence result = converge(20s);

    EXPECT_EQ(result.state, State::crash_looping);
    EXPECT_NE(result.sentences.at(0).find("No such image: ccci-test/web:none"), std::string::npos)
        << result.sentences[0];
}

TEST_F(SwarmAppTest, SaysWhatATaskIsWaitingFor) {
    ASSERT_EQ(
        deploy(one_service("    deploy: {placement: {constraints: ['node.labels.x == y']}}\n")),
        std::nullopt);

    const Convergence result = converge(3s);

    EXPECT_EQ(result.state, State::timed_out);
    EXPECT_EQ(result.sentences,
              Sentences{"app: 0 of 1 running; a task is pending: no suitable node (scheduling "
                        "constraints not satisfied on 1 node)"});
    EXPECT_LT(took_, 5s);
}

TEST_F(SwarmAppTest, WaitsForAHealthCheck) {
    ASSERT_EQ(deploy(one_service("    command: ['sh', '-c', 'sleep 2; touch /ok; exec httpd -f']\n"
                                 "    healthcheck: {test: 'test -e /ok', interval: 500ms, "
                                 "start_period: 20s}\n")),
              std::nullopt);

    EXPECT_TRUE(converge().ok());
    EXPECT_GE(took_, 1500ms);
}

TEST_F(SwarmAppTest, WaitsForAJobToComplete) {
    for (const char* mode : {"replicated-job", "global-job"}) {
        // Not by a stack: older docker programs do not know these modes there.
        shell(
            fmt::format("docker service create --detach --quiet --name {0}_job --mode {1} --label "
                        "com.docker.stack.namespace={0} --mount source={0}_data,target=/data "
                        "ccci-test/web:1 sleep 2",
                        app_.stack(), mode));

        EXPECT_TRUE(converge().ok()) << mode;

        EXPECT_GE(took_, 1500ms) << mode;
        EXPECT_TRUE(platform().teardown(domain_, steady_clock::now() + 60s).clean()) << mode;
    }
}

TEST_F(SwarmAppTest, LeavesNothingOfAJobThatIsStillRunning) {
    shell(
        fmt::format("docker service create --detach --quiet --name {0}_job --mode replicated-job "
                    "--label com.docker.stack.namespace={0} --mount source={0}_data,target=/data "
                    "ccci-test/web:1 sleep 300",
                    app_.stack()));
    EXPECT_EQ(converge(2s).sentences, Sentences{"job: 0 of 1 completed"});

    const TeardownReport report = platform().teardown(domain_, steady_clock::now() + 60s);

    EXPECT_EQ(report.left, std::vector<std::string>{});
    EXPECT_EQ(shell("docker ps --all --quiet --filter name=" + app_.stack() + "_ | wc -l"), "0");
}

TEST_F(SwarmAppTest, WaitsThroughARestartOfTheEngine) {
    ASSERT_EQ(
        deploy(one_service("    deploy: {placement: {constraints: ['node.labels.up == y']}}\n")),
        std::nullopt);
    auto started = base::spawn(
        {.argv = {"/bin/sh", "-c",
                  "systemctl restart docker; until docker node update --label-add up=y sandbox; do "
                  "sleep 0.1; done"}});

    const Convergence result = converge();

    EXPECT_TRUE(result.ok());
    EXPECT_TRUE(std::get<base::Child>(started).wait().success());
}

TEST_F(SwarmAppTest, PullsOnlyWhatMustBePulled) {
    EXPECT_EQ(app_.pull({"ccci-test/web:1", "ccci-test/web:1", "ccci-test/web:2"},
                        steady_clock::now() + 60s),
              Sentences{});

    const Sentences missing =
        app_.pull({"127.0.0.1:9/none:1", "ccci-test/web:1"}, steady_clock::now() + 60s);

    ASSERT_EQ(missing.size(), 1U);
    EXPECT_TRUE(missing[0].starts_with("pull image 127.0.0.1:9/none:1: ")) << missing[0];
    EXPECT_NE(missing[0].find("connection refused"), std::string::npos) << missing[0];
}

TEST_F(SwarmAppTest, NeedsNoRegistryForAnImageThatIsHere) {
    config_.resolve_image = "always";
    SwarmApp app{config_, domain_, "7"};
    shell("docker tag ccci-test/web:1 127.0.0.1:9/web:1");

    EXPECT_EQ(app.pull({"127.0.0.1:9/web:1"}, steady_clock::now() + 60s), Sentences{});
}

}  // namespace
}  // namespace ccci::platform
