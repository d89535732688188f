#include <signal.h>

#include <nlohmann/json.hpp>

#include "base/descendants.hpp"
#include "scenarios/unprivileged.hpp"
#include "support/forked_child.hpp"

// Who may see, stop and lock what: root, a runner that is not root, and somebody else.

namespace ccci::test {
namespace {

namespace fs = std::filesystem;

class UnprivilegedRightsTest : public Unprivileged {
protected:
    static void expect_said(const Said& said, int code, const std::string& text) {
        EXPECT_EQ(said.code, code) << said.text;
        EXPECT_NE(said.text.find(text), std::string::npos) << said.text;
    }

    /// A step of root's on the same domain.
    static std::vector<std::string> roots_run(std::vector<std::string> options,
                                              const std::string& script) {
        std::vector<std::string> argv{CCCI_PROGRAM, "run", "--domain", k_domain};
        argv.insert(argv.end(), options.begin(), options.end());
        argv.insert(argv.end(), {"--", "sh", "-c", script});
        return argv;
    }

    /// A record in the runner's name, of a run that nobody ever started.
    static void plant(const std::string& id, const run::Record& record) {
        const fs::path dir = fs::path{k_runs} / id;
        const nlohmann::json text = record;
        fs::create_directory(dir);
        std::ofstream{dir / "run.json"} << text.dump();
        (void)shell(fmt::format("chown -R {0}:{0} {1}", k_user, dir.native()));
    }
};

TEST_F(UnprivilegedRightsTest, RootSeesAndStopsTheRun) {
    DroneStep drone = deploying_step("50");
    ASSERT_TRUE(is_here(drone)) << drone.shell().output();

    const auto runs = nlohmann::json::parse(by_root({"ps", "--json"}).text);
    ASSERT_FALSE(runs.empty());
    EXPECT_EQ(runs.front().at("run"), "50");
    EXPECT_EQ(runs.front().at("shown_state"), "running");
    EXPECT_EQ(runs.front().at("user"), k_user);

    expect_said(by_root({"cancel", "50"}), 0, "run 50: cancelled");

    EXPECT_EQ(drone.shell().exit_code(), 143) << drone.shell().output();
    EXPECT_NE(drone.shell().output().find("cancelled by root with cc-ci cancel"), std::string::npos)
        << drone.shell().output();
    // All of its lines are in the journal when the run is over, and not a moment before.
    expect_said(by_root({"logs", "50"}), 0, "job is here");
    expect_nothing_left();
}

TEST_F(UnprivilegedRightsTest, RootSeesThatExecStopPostIsAtWork) {
    ASSERT_EQ(shell("mkfifo -m 666 /srv/go"), "");
    DroneStep drone = step(
        "51",
        fmt::format("--domain {} --teardown {}", k_domain, "\"echo tearing down; cat /srv/go\""),
        "echo job is here; sleep 1000");
    ASSERT_TRUE(is_here(drone)) << drone.shell().output();
    ASSERT_EQ(::kill(record("51")->harness->pid, SIGKILL), 0);
    ASSERT_TRUE(drone.shell().wait_for("\ntearing down\n")) << drone.shell().output();
    // The step lives, too: without it the manager is all that can tell.
    ASSERT_EQ(shell(fmt::format("kill -KILL {}; echo $?", record("51")->step->pid)), "0");

    const auto runs = nlohmann::json::parse(by_root({"ps", "--json"}).text);
    ASSERT_FALSE(runs.empty());
    EXPECT_EQ(runs.front().at("run"), "51");
    EXPECT_NE(runs.front().at("shown_state"), "lost");

    std::ofstream{"/srv/go"} << "";
    (void)drone.shell().exit_code();
    (void)shell("rm /srv/go");
}

TEST_F(UnprivilegedRightsTest, RootIsShownOfARunWhatItsUserMayRead) {
    run::Record record;
    record.run = "64";
    record.manager = "none";
    record.state = run::State::ended;
    record.created = record.ended = std::chrono::system_clock::now();
    record.verdict = run::Verdict{run::VerdictKind::passed, 0, ""};
    plant("64", record);
    const fs::path results = fs::path{k_runs} / "64" / "results.json";
    std::ofstream{"/root/results"} << R"({"verdict": "passed", "level": null, "tiers": []})";
    ASSERT_EQ(shell("chmod 600 /root/results"), "");
    fs::create_symlink("/root/results", results);

    EXPECT_TRUE(
        nlohmann::json::parse(by_root({"show", "--json", "64"}).text).at("recipe").is_null());

    fs::remove(results);
    fs::copy("/root/results", results);
    ASSERT_EQ(shell(fmt::format("chown {} {}", k_user, results.native())), "");
    const auto shown = nlohmann::json::parse(by_root({"show", "--json", "64"}).text);
    EXPECT_FALSE(shown.at("recipe").is_null());
    EXPECT_EQ(shown.at("user"), k_user);
    fs::remove("/root/results");
    fs::remove_all(fs::path{k_runs} / "64");
}

TEST_F(UnprivilegedRightsTest, TheRunnerSeesAndStopsItsRun) {
    DroneStep drone = deploying_step("52");
    ASSERT_TRUE(is_here(drone)) << drone.shell().output();

    expect_said(by_runner({"ps"}), 0, "52   ");
    expect_said(by_runner({"cancel", "52"}), 0, "run 52: cancelled");

    EXPECT_EQ(drone.shell().exit_code(), 143) << drone.shell().output();
    // A system user has no journal of its own.
    expect_said(by_runner({"logs", "52"}), 1, "insufficient permissions");
    expect_said(say({"setpriv", fmt::format("--reuid={}", uid()), "--regid=systemd-journal",
                     "--groups=systemd-journal"},
                    {CCCI_PROGRAM, "logs", "52"}),
                0, "job is here");
    expect_nothing_left();
}

TEST_F(UnprivilegedRightsTest, NobodyElseTouchesTheRun) {
    DroneStep drone = deploying_step("53");
    ASSERT_TRUE(is_here(drone)) << drone.shell().output();
    const pid_t harness = record("53")->harness->pid;

    EXPECT_EQ(say(as_nobody(), {CCCI_PROGRAM, "ps"}).text.find("53"), std::string::npos);
    EXPECT_NE(say(as_nobody(), {CCCI_PROGRAM, "cancel", "53"}).code, 0);
    EXPECT_NE(say(as_nobody(), {"kill", std::to_string(harness)}).code, 0);
    EXPECT_NE(say(as_nobody(), {"rm", "-f", lock_file()}).code, 0);
    EXPECT_NE(say(as_nobody(), {"flock", "--nonblock", lock_file(), "true"}).code, 0);
    EXPECT_NE(say(as_nobody(), {"rm", "-rf", fs::path{k_runs} / "53"}).code, 0);

    EXPECT_EQ(record("53")->state, run::State::running);
    drone.cancel();
    EXPECT_EQ(drone.shell().exit_code(), 137);
    expect_nothing_left();
}

// --- locks

TEST_F(UnprivilegedRightsTest, RootQueuesBehindTheRunner) {
    DroneStep drone = deploying_step("54");
    ASSERT_TRUE(is_here(drone)) << drone.shell().output();

    expect_said(say({}, roots_run({"--no-wait", "--run-id", "55"}, "true")), 75, "run 54");
    ProcessUnderTest next{
        roots_run({"--run-id", "56"}, fmt::format("test ! -e {}", app().native()))};
    ASSERT_TRUE(next.wait_for("waiting for")) << next.output();
    drone.cancel();

    EXPECT_EQ(next.exit_code(), 0) << next.output();
    EXPECT_EQ(drone.shell().exit_code(), 137);
    expect_nothing_left();
}

TEST_F(UnprivilegedRightsTest, TheRunnerIsRefusedWhileRootHasTheDomain) {
    ProcessUnderTest roots{roots_run({"--run-id", "57"}, "echo job is here; sleep 1000")};
    ASSERT_TRUE(roots.wait_for("job is here")) << roots.output();

    DroneStep drone = deploying_step("58");
    EXPECT_EQ(drone.shell().exit_code(), 125) << drone.shell().output();
    EXPECT_NE(drone.shell().output().find("belongs to somebody else"), std::string::npos)
        << drone.shell().output();
    EXPECT_FALSE(fs::exists(app()));
    EXPECT_NE(say(as_runner(), {"rm", "-f", lock_file()}).code, 0);
    EXPECT_NE(say(as_runner(), {"mv", lock_file(), fs::path{k_locks} / "x"}).code, 0);
    EXPECT_NE(by_runner({"cancel", "57"}).code, 0);
    EXPECT_NE(say(as_runner(), {"rm", "-rf", fs::path{k_runs} / "57"}).code, 0);
    EXPECT_NE(say(as_runner(), {"mv", fs::path{k_runs} / "57", fs::path{k_runs} / "x"}).code, 0);
    EXPECT_EQ(record("57")->state, run::State::running);

    roots.kill(SIGTERM);
    EXPECT_EQ(roots.exit_code(), 143) << roots.output();
    expect_nothing_left();
}

// --- what a runner must not get

TEST_F(UnprivilegedRightsTest, GetsNoUnitOfTheSystem) {
    expect_said(by_runner({"run", "--manager", "system", "--", "true"}), 125,
                "authentication required");
    for (const char* verb : {"start", "stop", "restart"}) {
        EXPECT_NE(say(as_runner(), {"systemctl", "--no-ask-password", verb, "dbus.service"}).code,
                  0)
            << verb;
    }
    EXPECT_NE(say(as_runner(), {"systemd-run", "--no-ask-password", "--wait", "true"}).code, 0);
}

TEST_F(UnprivilegedRightsTest, HasRootExecuteNothing) {
    // Whoever owns the directory can put a request of his own into a run of root's, and
    // ExecStopPost would execute it.
    (void)shell(fmt::format("install -d -o {0} -m 755 /srv/runs /srv/locks", k_user));
    ProcessUnderTest runs{roots_run({}, "true"), {"CCCI_RUNS_DIR=/srv/runs"}};
    EXPECT_EQ(runs.exit_code(), 125) << runs.output();
    EXPECT_NE(runs.output().find("could replace the files"), std::string::npos) << runs.output();
    ProcessUnderTest locks{{CCCI_PROGRAM, "run", "--domain", "a.example.net", "--", "true"},
                           {"CCCI_APP_LOCK_DIR=/srv/locks"}};
    EXPECT_EQ(locks.exit_code(), 125) << locks.output();
    EXPECT_NE(locks.output().find("could replace our files"), std::string::npos) << locks.output();
}

TEST_F(UnprivilegedRightsTest, HasRootStopNothingThatIsNotItsOwn) {
    ForkedChild bystander{[] {}};
    const auto facts = base::process_facts(bystander.pid());
    ASSERT_TRUE(facts);
    run::Record planted;
    planted.run = "60";
    planted.domain = k_domain;
    planted.manager = "none";
    planted.user = "root";
    planted.state = run::State::running;
    planted.harness =
        run::ProcessId{bystander.pid(), facts->start_ticks, run::ProcessId::own().boot};
    plant("60", planted);
    plant("61", planted);  // and calls itself 60
    planted.run = "62";
    planted.manager = "system";
    planted.unit = "dbus.service";
    plant("62", planted);

    EXPECT_NE(by_root({"cancel", "60", "--no-wait"}).code, 0);
    expect_said(by_root({"cancel", "61", "--no-wait"}), 2, "no run '61'");
    EXPECT_NE(by_root({"cancel", "62", "--no-wait"}).code, 0);
    expect_said(by_root({"cancel", "60", "62", "--no-wait"}), 1, "run 62: ");

    EXPECT_TRUE(base::is_alive(bystander.pid(), facts->start_ticks));
    EXPECT_EQ(shell("systemctl is-active dbus.service"), "active");
    for (const auto& run : nlohmann::json::parse(by_root({"ps", "--json", "--all"}).text)) {
        EXPECT_TRUE(run.at("run") != "60" || run.at("user") == k_user) << run.dump();
    }
    (void)shell(fmt::format("cd {}; rm -r 60 61 62", k_runs));
}

TEST_F(UnprivilegedRightsTest, PutsNoLinesIntoTheLogOfAnother) {
    ProcessUnderTest roots{{CCCI_PROGRAM, "run", "--run-id", "63", "--", "echo", "true words"}};
    ASSERT_EQ(roots.exit_code(), 0) << roots.output();
    (void)say(as_runner(),
              {"sh", "-c", "printf 'MESSAGE=forged\\nCC_CI_RUN=63\\n' | logger --journald"});
    (void)shell("journalctl --sync");

    const Said logs = by_root({"logs", "63"});

    expect_said(logs, 0, "true words");
    EXPECT_EQ(logs.text.find("forged"), std::string::npos) << logs.text;
    EXPECT_EQ(shell("journalctl CC_CI_RUN=63 -o cat | grep -c forged"), "1") << "it was there";
}

}  // namespace
}  // namespace ccci::test
