#include <fmt/format.h>
#include <signal.h>

#include <chrono>
#include <nlohmann/json.hpp>

#include "base/text.hpp"
#include "scenarios/scenario.hpp"

// Whole recipe runs as a pipeline starts them, and the janitor, on a real systemd and a real Swarm.

namespace ccci::test {
namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;

std::string shell(const std::string& command) {
    return std::string{base::trim(base::run_and_capture({.argv = {"sh", "-c", command}}).text)};
}

/// Everything on the engine that a run could have made, by its own command's word.
std::string everything() {
    return shell(
        "docker service ls -q; docker ps -aq; docker secret ls -q; docker config ls -q; "
        "docker volume ls -q; docker network ls --filter scope=swarm --format '{{.Name}}' | "
        "grep -v '^ingress$'");
}

class SwarmScenario : public Scenario {
protected:
    void SetUp() override {
        Scenario::SetUp();
        if (std::getenv("CCCI_SANDBOX_SWARM") == nullptr) {
            GTEST_SKIP() << "not in tests/sandbox/sandbox --swarm";
        }
        ::unsetenv("CCCI_RUNS_DIR");
        ::unsetenv("CCCI_APP_LOCK_DIR");
        std::ofstream{config_} << nlohmann::json{
            {"platform", "swarm"},
            {"lock_dir", locks_.native()},
            {"runs_dir", runs_.native()},
            {"resolve_image", "never"},
            {"health_url", "http://127.0.0.1:{published_port}/"},
            {"health_timeout", "30s"},
            {"abra_dir", (dir_.path() / "abra").native()},
            {"site_tests_dir", site_.native()},
        };
        ASSERT_EQ(shell(fmt::format("{}/tests/recipes/make-repositories {} && echo made",
                                    CCCI_SOURCE_DIR, repositories_.native())),
                  "made");
        ASSERT_EQ(everything(), "");
    }

    void TearDown() override { EXPECT_EQ(everything(), ""); }

    [[nodiscard]] std::vector<std::string> recipe_argv(const std::string& recipe,
                                                       const std::string& id,
                                                       const std::string& pull_request,
                                                       std::vector<std::string> more = {}) const {
        std::vector<std::string> argv{
            CCCI_PROGRAM, "--config", config_, "recipe",    "--recipe",
            recipe,       "--ref",    "main",  "--src",     repositories_ / (recipe + ".git"),
            "--run-id",   id,         "--pr",  pull_request};
        argv.insert(argv.end(), more.begin(), more.end());
        return argv;
    }

    [[nodiscard]] std::vector<std::string> janitor_argv(std::vector<std::string> more = {}) const {
        std::vector<std::string> argv{CCCI_PROGRAM, "--config", config_, "janitor"};
        argv.insert(argv.end(), more.begin(), more.end());
        return argv;
    }

    /// Waits until a service of any run app exists: the deploy is under way.
    static bool deploy_began() {
        return shell(
                   "timeout 20 sh -c 'until docker service ls -q | grep -q .; do sleep 0.05; "
                   "done' && echo yes") == "yes";
    }

    /// An app that nobody's lock stands for.
    void deploy_by_hand(const std::string& stack) const {
        std::ofstream{dir_.path() / "compose.yml"} << R"(version: "3.8"
services:
  app: {image: "ccci-test/web:1", volumes: ["data:/data"]}
volumes: {data: {}}
)";
        ASSERT_EQ(shell(fmt::format("docker stack deploy --resolve-image never -c {} {} >/dev/null "
                                    "2>&1 && echo deployed",
                                    (dir_.path() / "compose.yml").native(), stack)),
                  "deployed");
    }

    [[nodiscard]] nlohmann::json results(const std::string& id) const {
        return nlohmann::json::parse(
            base::try_read_file(runs_ / id / "results.json").value_or("null"));
    }

    std::string config_ = dir_.path() / "config.json";
    std::filesystem::path repositories_ = dir_.path() / "repositories";
    std::filesystem::path site_ = dir_.path() / "site";
};

/// The guestbook, which by the operator's word needs the static site.
class DependencyScenario : public SwarmScenario {
protected:
    void SetUp() override {
        SwarmScenario::SetUp();
        if (IsSkipped()) {
            return;
        }
        ASSERT_EQ(shell(fmt::format("git clone --quiet {}/static-site.git "
                                    "{}/abra/recipes/static-site && echo cloned",
                                    repositories_.native(), dir_.path().native())),
                  "cloned");
        std::filesystem::create_directories(site_ / "guestbook/install");
        base::write_file_atomically(site_ / "guestbook/cc-ci.json",
                                    R"({"dependencies": [{"recipe": "static-site"}]})", 0644);
    }

    void write_test(const std::string& script) const {
        base::write_file_atomically(site_ / "guestbook/install/uses-it", "#!/bin/sh -eu\n" + script,
                                    0755);
    }

    /// Until then both apps are there, and none of the run's processes has anything left to start.
    static constexpr const char* k_hold = "echo holding; exec sleep 60\n";
};

TEST_F(SwarmScenario, Case44RunsARecipeToGreenAndLeavesNothing) {
    ProcessUnderTest step{recipe_argv("guestbook", "1", "7")};

    EXPECT_EQ(step.exit_code(), 0) << step.output();
    EXPECT_NE(step.output().find("== install =="), std::string::npos) << step.output();
    EXPECT_NE(step.output().find("healthy (200)"), std::string::npos) << step.output();
    EXPECT_NE(step.output().find("cc-ci: passed, level 5 of 5"), std::string::npos)
        << step.output();
    EXPECT_EQ(everything(), "");
    const nlohmann::json told = results("1");
    EXPECT_EQ(told.at("deploys"), 1) << told;
    EXPECT_EQ(told.at("teardown").at("clean"), true) << told;
    EXPECT_EQ(shell(fmt::format("find {} -name '*.env'", (dir_.path() / "abra").native())), "");
    EXPECT_FALSE(std::filesystem::exists(runs_ / "1" / "backup"));

    const run::Record kept = *record("1");
    std::string phases;
    for (const run::PhaseTime& phase : kept.phases) {
        phases += phase.name + " ";
    }
    EXPECT_EQ(phases, "clean slate fetch install upgrade backup restore custom lint teardown ");
    EXPECT_TRUE(kept.teardown_note.starts_with("removed ")) << kept.teardown_note;
    EXPECT_TRUE(kept.teardown_note.ends_with("; nothing left")) << kept.teardown_note;
    for (const std::string tier : {"install", "upgrade", "backup"}) {
        const std::size_t begin = step.output().find("== " + tier + " ==");
        const std::size_t end = step.output().find("\n== ", begin);
        EXPECT_EQ(
            shell("journalctl --sync; journalctl -b -q -o cat CC_CI_RUN=1 CC_CI_TIER=" + tier),
            "phase " + tier + "\n" + step.output().substr(begin, end - begin));
    }
}

TEST_F(SwarmScenario, Case42RunsTwoPullRequestsOfOneRecipeInParallel) {
    ProcessUnderTest first{recipe_argv("static-site", "2", "1")};
    ProcessUnderTest second{recipe_argv("static-site", "3", "2")};

    EXPECT_EQ(first.exit_code(), 0) << first.output();
    EXPECT_EQ(second.exit_code(), 0) << second.output();
    EXPECT_EQ(second.output().find("waiting for"), std::string::npos) << second.output();
    EXPECT_NE(record("2")->domain, record("3")->domain);
}

// Case 48.
TEST_F(SwarmScenario, Case41QueuesTwoRunsOfOneDomain) {
    ProcessUnderTest first{recipe_argv("static-site", "4", "1")};
    ASSERT_TRUE(first.wait_for("== install =="));
    ProcessUnderTest second{recipe_argv("static-site", "5", "1")};
    ASSERT_TRUE(second.wait_for("run 4 has held it for"));

    EXPECT_EQ(first.exit_code(), 0) << first.output();
    EXPECT_EQ(second.exit_code(), 0) << second.output();
    EXPECT_EQ(results("4").at("deploys"), 1);
    EXPECT_EQ(results("5").at("deploys"), 1);
}

TEST_F(SwarmScenario, Case45CancelInTheMiddleOfADeployLeavesNothing) {
    ProcessUnderTest step{recipe_argv("guestbook", "6", "1")};
    ASSERT_TRUE(deploy_began()) << step.output();
    const auto begin = steady_clock::now();

    step.kill(SIGTERM);

    EXPECT_EQ(step.exit_code(), 143) << step.output();
    EXPECT_EQ(everything(), "");
    EXPECT_LT(steady_clock::now() - begin, 25s) << "ten seconds on an idle machine";
    EXPECT_NE(step.output().find("teardown clean"), std::string::npos) << step.output();
}

TEST_F(SwarmScenario, Case46HarnessKilledInTheMiddleOfADeployLeavesNothing) {
    ProcessUnderTest step{recipe_argv("guestbook", "7", "1")};
    ASSERT_TRUE(deploy_began()) << step.output();

    ASSERT_EQ(::kill(record("7")->harness->pid, SIGKILL), 0);

    EXPECT_EQ(step.exit_code(), 137) << step.output();
    EXPECT_EQ(everything(), "");
    EXPECT_TRUE(record("7")->clean.value_or(false));
}

// Case 46.
TEST_F(SwarmScenario, HarnessKilledInTheRestoreLeavesNoBackup) {
    const std::string password = dir_.path() / "password";
    const std::string repository = dir_.path() / "repository";
    const std::string restic =
        fmt::format("restic --no-cache --password-file {} --repo {} ", password, repository);
    std::ofstream{password} << "secret\n";
    (void)shell(restic + "init");
    auto config = nlohmann::json::parse(base::try_read_file(config_).value_or(""));
    config["restic_repository"] = repository;
    config["restic_password_file"] = password;
    std::ofstream{config_} << config;
    ProcessUnderTest step{recipe_argv("guestbook", "14", "1", {"--stages", "restore"})};
    ASSERT_TRUE(step.wait_for("== restore ==")) << step.output();
    EXPECT_NE(shell(restic + "snapshots --json"), "[]");

    ASSERT_EQ(::kill(record("14")->harness->pid, SIGKILL), 0);

    EXPECT_EQ(step.exit_code(), 137) << step.output();
    EXPECT_EQ(everything(), "");
    EXPECT_EQ(shell(restic + "snapshots --json"), "[]") << step.output();
    EXPECT_FALSE(std::filesystem::exists(runs_ / "14" / "backup"));
}

// Case 46.
TEST_F(SwarmScenario, MakesACleanSlateOfACrashedRunsApp) {
    ProcessUnderTest first{recipe_argv("static-site", "8", "1")};
    ASSERT_EQ(first.exit_code(), 0) << first.output();
    const std::string domain = record("8")->domain;
    deploy_by_hand(base::replace_all(domain, ".", "_"));

    ProcessUnderTest second{recipe_argv("static-site", "9", "1")};

    EXPECT_EQ(second.exit_code(), 0) << second.output();
    EXPECT_NE(second.output().find("removed 1 service"), std::string::npos) << second.output();
}

// Case 20.
TEST_F(SwarmScenario, Case11JanitorReapsAnOrphanOnce) {
    deploy_by_hand("demo-0a1b2c_ci_localhost");

    ProcessUnderTest look{janitor_argv({"--dry-run"})};
    ASSERT_EQ(look.exit_code(), 0) << look.output();
    EXPECT_NE(look.output().find("demo-0a1b2c.ci.localhost: would reap"), std::string::npos)
        << look.output();
    EXPECT_FALSE(has_lock_file());
    EXPECT_NE(everything(), "");

    // Case 14: of two at once, one reaps.
    ProcessUnderTest one{janitor_argv()};
    ProcessUnderTest other{janitor_argv()};
    EXPECT_EQ(one.exit_code(), 0) << one.output();
    EXPECT_EQ(other.exit_code(), 0) << other.output();

    const std::string both = one.output() + other.output();
    const auto first = both.find("removed 1 service");
    EXPECT_NE(first, std::string::npos) << both;
    EXPECT_EQ(both.find("removed 1 service", first + 1), std::string::npos) << both;
    EXPECT_EQ(everything(), "");
    EXPECT_FALSE(has_lock_file());
}

TEST_F(SwarmScenario, RefusesALockDirectoryThatNoJanitorLooksInto) {
    std::filesystem::create_directory(dir_.path() / "elsewhere");
    ProcessUnderTest step{recipe_argv("static-site", "13", "1"),
                          {"CCCI_APP_LOCK_DIR=" + (dir_.path() / "elsewhere").native()}};

    EXPECT_EQ(step.exit_code(), 2) << step.output();
    EXPECT_NE(step.output().find("a janitor would reap this run's app"), std::string::npos);
}

TEST_F(SwarmScenario, ARunAsksForAJanitorPassOfItsOwnAccord) {
    deploy_by_hand("demo-0a1b2c_ci_localhost");

    ProcessUnderTest step{recipe_argv("static-site", "12", "1")};

    EXPECT_EQ(step.exit_code(), 0) << step.output();
    EXPECT_EQ(shell("timeout 30 sh -c 'while docker service ls -q | grep -q . || systemctl "
                    "is-active --quiet cc-ci-janitor; do sleep 0.05; done' && echo reaped"),
              "reaped");
}

TEST_F(SwarmScenario, Case12JanitorLeavesALiveRunAlone) {
    ProcessUnderTest step{recipe_argv("static-site", "10", "1")};
    ASSERT_TRUE(deploy_began());

    ProcessUnderTest janitor{janitor_argv()};

    EXPECT_EQ(janitor.exit_code(), 0) << janitor.output();
    EXPECT_NE(janitor.output().find("leave: lock held: run 10"), std::string::npos)
        << janitor.output();
    EXPECT_EQ(step.exit_code(), 0) << step.output();
}

TEST_F(SwarmScenario, Case17JanitorNeverTouchesAWarmApp) {
    deploy_by_hand("warm_ci_localhost");

    ProcessUnderTest janitor{janitor_argv()};

    EXPECT_EQ(janitor.exit_code(), 0) << janitor.output();
    EXPECT_NE(everything(), "");
    EXPECT_TRUE(std::filesystem::is_empty(locks_));

    // Nor does a run that takes its lock.
    ProcessUnderTest step{
        {CCCI_PROGRAM, "--config", config_, "run", "--domain", "warm.ci.localhost", "--", "true"}};
    EXPECT_EQ(step.exit_code(), 0) << step.output();
    EXPECT_NE(shell("docker service ls -q"), "");

    // The Swarm makes things for a service that was removed meanwhile: only a real teardown is
    // sure.
    EXPECT_EQ(shell(fmt::format("CCCI_EFFECTIVE_CONFIG='{{\"platform\": \"swarm\"}}' "
                                "$(dirname {})/../libexec/cc-ci/cc-ci-apps teardown --domain "
                                "warm.ci.localhost >/dev/null && echo clean",
                                CCCI_PROGRAM)),
              "clean");
}

TEST_F(DependencyScenario, IsDeployedFirstAndTornDownLast) {
    write_test(R"(
grep '"recipe": "static-site"' "$CCCI_DEPS_FILE"
grep "\"domain\": \"$CCCI_DEP_STATIC_SITE_DOMAIN\"" "$CCCI_DEPS_FILE"
busybox wget -q -O - "$CCCI_DEP_STATIC_SITE_URL" | grep 'cc-ci test page'
[ "$CCCI_RECIPE" = guestbook ]
if ls -l /proc/self/fd | grep cc-ci-app-; then exit 1; fi
)");
    ProcessUnderTest step{recipe_argv("guestbook", "20", "1")};

    EXPECT_EQ(step.exit_code(), 0) << step.output();
    const std::string said = step.output();
    const auto app_gone = said.find("removed 2 services");
    const auto dependency_gone = said.find("dependency static-site: removed 1 service");
    EXPECT_NE(app_gone, std::string::npos) << said;
    EXPECT_NE(dependency_gone, std::string::npos) << said;
    EXPECT_LT(app_gone, dependency_gone);
    const nlohmann::json told = results("20");
    EXPECT_EQ(told.at("deploys"), 1) << told;
    EXPECT_EQ(told.at("dependencies").at(0).at("result"), "pass") << told;
    EXPECT_EQ(told.at("dependencies").at(0).at("teardown").at("clean"), true) << told;
    EXPECT_EQ(everything(), "");
    EXPECT_TRUE(std::filesystem::is_empty(locks_));
    EXPECT_EQ(shell(fmt::format("find {} -name '*.env'", (dir_.path() / "abra").native())), "");
}

TEST_F(DependencyScenario, IsTornDownWhenTheJobOrTheHarnessIsKilled) {
    write_test(k_hold);
    for (const std::string id : {"21", "22"}) {
        ProcessUnderTest step{recipe_argv("guestbook", id, "1")};
        ASSERT_TRUE(step.wait_for("holding")) << step.output();

        const pid_t harness = record(id)->harness->pid;
        if (id == "21") {
            ASSERT_EQ(shell(fmt::format("pkill --signal KILL --parent {} && echo killed", harness)),
                      "killed");
        } else {
            ASSERT_EQ(::kill(harness, SIGKILL), 0);
        }

        EXPECT_EQ(step.exit_code(), 137) << step.output();
        EXPECT_EQ(everything(), "") << step.output();
        EXPECT_TRUE(record(id)->clean.value_or(false)) << step.output();
        EXPECT_TRUE(std::filesystem::is_empty(locks_)) << step.output();
    }
}

/// A job alone, without anybody who tears down after it.
TEST_F(DependencyScenario, IsTheJanitorsWhenEverythingDies) {
    write_test(k_hold);
    std::filesystem::create_directories(runs_ / "23");
    std::ifstream config{config_};
    ProcessUnderTest job{
        {std::filesystem::path{CCCI_PROGRAM}.parent_path() / "../libexec/cc-ci/cc-ci-apps",
         "recipe-job"},
        {"CCCI_EFFECTIVE_CONFIG=" + nlohmann::json::parse(config).dump(), "CCCI_RUN=23",
         "CCCI_RUN_DIR=" + (runs_ / "23").native(), "CCCI_DOMAIN=gues-0a1b2c.ci.localhost",
         "RECIPE=guestbook", "SRC=" + (repositories_ / "guestbook.git").native(), "REF=main"}};
    ASSERT_TRUE(job.wait_for("holding")) << job.output();

    ProcessUnderTest first{janitor_argv()};
    EXPECT_EQ(first.exit_code(), 0) << first.output();
    EXPECT_NE(first.output().find("leave: lock held: run 23"), std::string::npos) << first.output();
    EXPECT_NE(shell("docker service ls -q"), "");

    job.kill(SIGKILL);
    (void)job.exit_code();
    ProcessUnderTest second{janitor_argv()};
    EXPECT_EQ(second.exit_code(), 0) << second.output();
    EXPECT_NE(second.output().find("reap: app exists"), std::string::npos) << second.output();
    EXPECT_EQ(everything(), "");
    EXPECT_TRUE(std::filesystem::is_empty(locks_));
}

TEST_F(SwarmScenario, ReportsAnEngineThatIsDown) {
    (void)shell("systemctl stop docker.socket docker.service");

    ProcessUnderTest step{recipe_argv("static-site", "11", "1")};
    ProcessUnderTest janitor{janitor_argv()};
    EXPECT_EQ(step.exit_code(), 125) << step.output();
    EXPECT_EQ(janitor.exit_code(), 1) << janitor.output();
    (void)shell(
        "systemctl start docker.socket docker.service; "
        "timeout 30 sh -c 'until docker node ls; do sleep 0.1; done'");

    EXPECT_NE(step.output().find("is the Docker engine running?"), std::string::npos)
        << step.output();
    EXPECT_FALSE(record("11"));
    EXPECT_NE(janitor.output().find("janitor pass incomplete"), std::string::npos)
        << janitor.output();
}

}  // namespace
}  // namespace ccci::test
