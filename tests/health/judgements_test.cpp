#include <cerrno>
#include <functional>

#include "health/directory_checks.hpp"
#include "health/docker_checks.hpp"
#include "health/etcd_checks.hpp"
#include "health/journal_checks.hpp"
#include "health/judgement.hpp"
#include "health/kernel_checks.hpp"
#include "health/leftover_checks.hpp"
#include "health/runner_checks.hpp"
#include "health/self_test_checks.hpp"
#include "health/systemd_checks.hpp"
#include "health/tool_checks.hpp"

// One row each: what is changed of facts that are well, which check then says what, and a part of
// what mends it. All the other checks stay as they are.

namespace ccci::health {
namespace {

using namespace std::chrono_literals;
using test::expect_complete;
using test::find_check;

template <typename Facts>
struct Row {
    const char* what;
    std::function<void(Facts&)> change;
    const char* check;
    Status status;
    const char* fix = "";
};

template <typename Facts>
void expect_rows(const Facts& well, const std::function<Checks(const Facts&)>& judge,
                 const std::vector<Row<Facts>>& rows) {
    for (const Check& check : judge(well)) {
        expect_complete(check);
        EXPECT_EQ(check.status, Status::ok) << check.name << ": " << check.found;
    }
    for (const Row<Facts>& row : rows) {
        Facts facts = well;
        row.change(facts);
        const Checks checks = judge(facts);
        for (const Check& check : checks) {
            expect_complete(check);
        }
        const Check check = find_check(checks, row.check);
        EXPECT_EQ(check.status, row.status) << row.what << ": " << check.found;
        EXPECT_NE((check.fix ? check.fix->text : "").find(row.fix), std::string::npos)
            << row.what << ": " << (check.fix ? check.fix->text : "no fix");
    }
}

TEST(SystemdJudgementTest, SaysWhatARunWouldLack) {
    const SystemdFacts well{.booted = true,
                            .version = "252.39-1~deb12u1",
                            .is_root = true,
                            .user = "root",
                            .uid = 0,
                            .user_bus = false,
                            .bus_problem = "",
                            .cgroup = CgroupLayout::unified,
                            .controllers = {"cpu", "memory", "pids", "io"}};
    using Facts = SystemdFacts;
    expect_rows<Facts>(
        well, judge_systemd,
        {{"none", [](Facts& f) { f.booted = false; }, "systemd", Status::warning, "boot"},
         {"none", [](Facts& f) { f.booted = false; }, "manager", Status::skipped},
         {"none", [](Facts& f) { f.booted = false; }, "cgroup.memory", Status::skipped},
         {"mute", [](Facts& f) { f.version = ""; }, "systemd", Status::failed, "daemon-reexec"},
         {"old", [](Facts& f) { f.version = "247.3"; }, "systemd", Status::failed, "update"},
         {"no bus", [](Facts& f) { f.bus_problem = "no"; }, "manager", Status::failed, "dbus"},
         {"user",
          [](Facts& f) {
              f.is_root = false;
              f.user = "ci";
          },
          "manager", Status::failed, "loginctl enable-linger ci"},
         {"v1", [](Facts& f) { f.cgroup = CgroupLayout::none; }, "cgroup", Status::failed,
          "unified_cgroup_hierarchy=1"},
         {"hybrid", [](Facts& f) { f.cgroup = CgroupLayout::hybrid; }, "cgroup", Status::warning,
          "unified_cgroup_hierarchy=1"},
         {"memory",
          [](Facts& f) {
              f.controllers = {"cpu", "pids", "io"};
          },
          "cgroup.memory", Status::warning, "cgroup_enable=memory"},
         {"io",
          [](Facts& f) {
              f.controllers = {"cpu", "pids", "memory"};
          },
          "cgroup.io", Status::warning, "cgroup_disable="},
         {"user's",
          [](Facts& f) {
              f.is_root = false;
              f.user_bus = true;
              f.uid = 7;
              f.controllers = {};
          },
          "cgroup.cpu", Status::warning, "user@7.service.d"}});
}

TEST(TimerJudgementTest, SaysHowToTurnItOn) {
    const TimerFacts well{
        .name = "cc-ci-reap",
        .does = "reaps",
        .needed = true,
        .timer =
            UnitProperties{
                {{"LoadState", "loaded"}, {"ActiveState", "active"}, {"UnitFileState", "enabled"}}},
        .service = UnitProperties{{{"LoadState", "loaded"}, {"Result", "success"}}},
        .unit_files = "/opt/x/lib/systemd/system"};
    using Facts = TimerFacts;
    expect_rows<Facts>(well, [](const Facts& f) { return Checks{judge_timer(f)}; },
                       {{"not needed",
                         [](Facts& f) {
                             f.needed = false;
                             f.timer = {};
                         },
                         "timer.reap", Status::skipped},
                        {"unknown", [](Facts& f) { f.timer = {}; }, "timer.reap", Status::warning,
                         "systemctl link /opt/x/lib/systemd/system/cc-ci-reap.service"},
                        {"not installed",
                         [](Facts& f) {
                             f.timer = {};
                             f.unit_files = "";
                         },
                         "timer.reap", Status::warning, "install"},
                        {"off",
                         [](Facts& f) {
                             f.timer = UnitProperties{{{"LoadState", "loaded"},
                                                       {"ActiveState", "inactive"},
                                                       {"UnitFileState", "disabled"}}};
                         },
                         "timer.reap", Status::warning, "systemctl enable --now cc-ci-reap.timer"},
                        {"last pass",
                         [](Facts& f) {
                             f.service = UnitProperties{{{"Result", "exit-code"}}};
                         },
                         "timer.reap", Status::warning, "systemctl start cc-ci-reap.service"}});
}

TEST(DirectoryJudgementTest, FindsWhatWouldLetTwoIn) {
    const DirectoryFacts well{.path = "/run/lock",
                              .problem = "",
                              .exists = true,
                              .parent_exists = true,
                              .is_directory = true,
                              .owner = 0,
                              .mode = 01777,
                              .writable = true,
                              .mount_point = "/run/lock",
                              .file_system = "tmpfs",
                              .noexec = false,
                              .read_only = false,
                              .size = 5 << 20,
                              .free_bytes = 5 << 20,
                              .inodes = 900'000,
                              .free_inodes = 800'000,
                              .flock_problem = ""};
    const DirectoryNeeds needs{.name = "d",
                               .key = "lock_dir",
                               .why = "x",
                               .uid = 0,
                               .made_if_missing = false,
                               .shared = true,
                               .locks = true,
                               .volatile_wanted = true,
                               .programs = true,
                               .room = 1 << 20,
                               .make_room = command("make room")};
    using Facts = DirectoryFacts;
    expect_rows<Facts>(
        well, [&](const Facts& f) { return judge_directory(f, needs); },
        {{"gone", [](Facts& f) { f.exists = false; }, "d", Status::failed,
          "install --directory --mode=0755 /run/lock"},
         {"gone",
          [](Facts& f) {
              f.exists = false;
              f.size = 0;
          },
          "d.space", Status::skipped},
         {"unseen", [](Facts& f) { f.problem = "Permission denied"; }, "d", Status::failed},
         {"a file", [](Facts& f) { f.is_directory = false; }, "d", Status::failed, "lock_dir"},
         {"another's", [](Facts& f) { f.owner = 7; }, "d", Status::failed, "chown 0 /run/lock"},
         {"open", [](Facts& f) { f.mode = 0777; }, "d", Status::failed, "chmod +t /run/lock"},
         {"group", [](Facts& f) { f.mode = 0770; }, "d", Status::failed, "chmod +t"},
         {"read-only", [](Facts& f) { f.read_only = true; }, "d", Status::failed, "remount,rw"},
         {"nfs", [](Facts& f) { f.file_system = "nfs4"; }, "d", Status::failed,
          "\"lock_dir\": \"/run/lock\""},
         {"no flock", [](Facts& f) { f.flock_problem = "flock lets two in"; }, "d", Status::failed,
          "/run/lock"},
         {"noexec", [](Facts& f) { f.noexec = true; }, "d", Status::warning, "remount,exec"},
         {"on disk", [](Facts& f) { f.file_system = "ext4"; }, "d", Status::warning, "a tmpfs"},
         {"narrow", [](Facts& f) { f.free_bytes = 900'000; }, "d.space", Status::warning,
          "make room"},
         {"full", [](Facts& f) { f.free_bytes = 0; }, "d.space", Status::failed, "make room"},
         {"inodes", [](Facts& f) { f.free_inodes = 5'000; }, "d.space", Status::warning},
         {"no inodes", [](Facts& f) { f.free_inodes = 0; }, "d.space", Status::failed}});

    DirectoryNeeds own = needs;
    own.shared = false;
    own.made_if_missing = true;
    Facts open = well;
    EXPECT_NE(find_check(judge_directory(open, own), "d").fix->text.find("chmod go-w"),
              std::string::npos);
    open.exists = false;
    EXPECT_EQ(find_check(judge_directory(open, own), "d").status, Status::ok);
}

TEST(JournalJudgementTest, WantsItToOutliveAReboot) {
    const JournalFacts well{.booted = true,
                            .listens = true,
                            .persistent = true,
                            .directory = "/var/log/journal/x",
                            .size = std::uint64_t{9} << 30,
                            .free_bytes = std::uint64_t{9} << 30};
    using Facts = JournalFacts;
    expect_rows<Facts>(
        well, judge_journal,
        {{"no systemd", [](Facts& f) { f.booted = false; }, "journal", Status::skipped},
         {"deaf", [](Facts& f) { f.listens = false; }, "journal", Status::failed, "restart"},
         {"volatile", [](Facts& f) { f.persistent = false; }, "journal.storage", Status::warning,
          "Storage=persistent"},
         {"unseen", [](Facts& f) { f.directory = ""; }, "journal.storage", Status::skipped},
         {"full", [](Facts& f) { f.free_bytes = 0; }, "journal.space", Status::warning,
          "--vacuum-size"}});
}

TEST(LeftoverJudgementTest, KnowsWhoIsToClean) {
    using State = LockFileFacts::State;
    struct Facts {
        LockFileFacts file;
        bool platform = true;
    };
    const Facts well{{.path = "/l/f",
                      .domain = "d",
                      .problem = "",
                      .state = State::held,
                      .has_holder = true,
                      .run = "7",
                      .own_teardown = false},
                     true};
    expect_rows<Facts>(well, [](const Facts& f) { return judge_lock_files({f.file}, f.platform); },
                       {{"foreign", [](Facts& f) { f.file.problem = "belongs to uid 7"; },
                         "lock-files", Status::failed, "rm -rf -- /l/f"},
                        {"stale", [](Facts& f) { f.file.state = State::free; }, "lock-files.stale",
                         Status::warning, "cc-ci janitor"},
                        {"own",
                         [](Facts& f) {
                             f.file.state = State::free;
                             f.file.own_teardown = true;
                         },
                         "lock-files.stale", Status::warning, "rm -- /l/f"},
                        {"no platform",
                         [](Facts& f) {
                             f.file.state = State::free;
                             f.platform = false;
                         },
                         "lock-files.stale", Status::warning, "rm -- /l/f"},
                        {"empty",
                         [](Facts& f) {
                             f.file.state = State::free;
                             f.file.has_holder = false;
                         },
                         "lock-files.stale", Status::ok}});

    EXPECT_EQ(judge_runs({}, 3).status, Status::ok);
    const Check lost = judge_runs({{"7", "/r/7", "running"}}, 3);
    EXPECT_EQ(lost.status, Status::warning);
    EXPECT_EQ(lost.fix->text, "rm -r -- /r/7");

    EXPECT_EQ(judge_reaping({}).status, Status::ok);
    EXPECT_EQ(judge_reaping({.orphans = {"d (1 volume)"}}).fix->text, "cc-ci janitor");
    EXPECT_EQ(judge_reaping({.overdue = {"d"}}).status, Status::warning);
    EXPECT_EQ(judge_reaping({.problems = {"no answer"}}).status, Status::warning);
    EXPECT_EQ(judge_reaping({.not_known = "no"}).status, Status::skipped);
    EXPECT_EQ(judge_reaping({.unseen = {"d"}}).status, Status::skipped);
}

TEST(KernelJudgementTest, NamesWhatIsShort) {
    const KernelFacts well{.release = "6.1",
                           .pidfd = true,
                           .pidfd_signal = true,
                           .subreaper = true,
                           .inotify = true,
                           .pid_max = 4'194'304,
                           .processes = 300,
                           .process_limit = 0,
                           .files = 900,
                           .file_max = 100'000,
                           .descriptor_limit = 524'288,
                           .inotify_instances = 128,
                           .inotify_watches = 65'536,
                           .clock_known = true,
                           .clock_synchronised = true};
    using Facts = KernelFacts;
    expect_rows<Facts>(
        well, judge_kernel,
        {{"old", [](Facts& f) { f.pidfd = false; }, "kernel", Status::failed, "Linux"},
         {"old", [](Facts& f) { f.pidfd_signal = false; }, "kernel", Status::failed},
         {"old", [](Facts& f) { f.subreaper = false; }, "kernel", Status::failed},
         {"few", [](Facts& f) { f.pid_max = 4096; }, "kernel.processes", Status::warning,
          "kernel.pid_max"},
         {"used", [](Facts& f) { f.processes = 4'000'000; }, "kernel.processes", Status::warning},
         {"used", [](Facts& f) { f.files = 99'000; }, "kernel.files", Status::warning,
          "fs.file-max"},
         {"few", [](Facts& f) { f.descriptor_limit = 1024; }, "kernel.files", Status::warning,
          "LimitNOFILE"},
         {"none", [](Facts& f) { f.inotify = false; }, "kernel.inotify", Status::failed,
          "max_user_instances"},
         {"few", [](Facts& f) { f.inotify_watches = 100; }, "kernel.inotify", Status::warning},
         {"clock", [](Facts& f) { f.clock_synchronised = false; }, "clock", Status::warning,
          "timedatectl"},
         {"clock", [](Facts& f) { f.clock_known = false; }, "clock", Status::skipped}});
}

TEST(DockerJudgementTest, SaysWhatDeploysWouldLack) {
    const DockerFacts well{.not_needed = "",
                           .socket = "/s",
                           .user = "ci",
                           .connect_error = 0,
                           .problem = "",
                           .version = "20.10",
                           .api = "1.41",
                           .swarm_state = "active",
                           .manager = true,
                           .nodes = 1,
                           .subnets = 65'536,
                           .networks = 2,
                           .has_proxy_network = true,
                           .root = "/var/lib/docker",
                           .size = std::uint64_t{90} << 30,
                           .free_bytes = std::uint64_t{80} << 30,
                           .ipvs = true};
    using Facts = DockerFacts;
    expect_rows<Facts>(
        well, judge_docker,
        {{"off", [](Facts& f) { f.not_needed = "platform none"; }, "docker", Status::skipped},
         {"down", [](Facts& f) { f.connect_error = ENOENT; }, "docker", Status::failed,
          "systemctl start docker"},
         {"down", [](Facts& f) { f.connect_error = ENOENT; }, "swarm", Status::skipped},
         {"denied", [](Facts& f) { f.connect_error = EACCES; }, "docker", Status::failed,
          "usermod --append --groups docker ci"},
         {"mute", [](Facts& f) { f.problem = "timeout"; }, "docker", Status::failed, "restart"},
         {"none", [](Facts& f) { f.swarm_state = "inactive"; }, "swarm", Status::failed,
          "docker swarm init"},
         {"worker", [](Facts& f) { f.manager = false; }, "swarm", Status::failed, "promote"},
         {"many", [](Facts& f) { f.nodes = 3; }, "swarm", Status::warning},
         {"used up", [](Facts& f) { f.networks = 65'536; }, "swarm.addresses", Status::failed,
          "docker network prune"},
         {"few", [](Facts& f) { f.networks = 65'530; }, "swarm.addresses", Status::warning},
         {"unknown", [](Facts& f) { f.subnets = 0; }, "swarm.addresses", Status::skipped},
         {"full", [](Facts& f) { f.free_bytes = 1; }, "docker.space", Status::failed, "prune"},
         {"proxy", [](Facts& f) { f.has_proxy_network = false; }, "swarm.proxy", Status::skipped},
         {"ipvs", [](Facts& f) { f.ipvs = false; }, "swarm.ipvs", Status::warning,
          "modprobe ip_vs"}});
    EXPECT_EQ(subnets_of("10.0.0.0/8", 24), 65'536U);
    EXPECT_EQ(subnets_of("10.0.0.0/30", 24), 0U);
    EXPECT_EQ(subnets_of("10.0.0.0/x", 24), 0U);
    EXPECT_EQ(subnets_of("", 24), 0U);
}

TEST(ToolJudgementTest, SaysWhereItComesFrom) {
    const ToolFacts well{.name = "tar",
                         .label = "tar",
                         .package = "tar",
                         .purpose = "backups",
                         .path = "/bin/tar",
                         .runs = true,
                         .version = "tar (GNU tar) 1.34",
                         .must_say = "GNU"};
    using Facts = ToolFacts;
    const auto on = [](Distribution d) {
        return [d](const Facts& f) { return Checks{judge_tool(f, d)}; };
    };
    expect_rows<Facts>(
        well, on(Distribution::debian),
        {{"gone", [](Facts& f) { f.path = ""; }, "tool.tar", Status::failed,
          "apt-get install --yes tar"},
         {"other", [](Facts& f) { f.version = "bsdtar"; }, "tool.tar", Status::failed},
         {"broken", [](Facts& f) { f.runs = false; }, "tool.tar", Status::failed}});
    expect_rows<Facts>(
        well, on(Distribution::nixos),
        {{"gone", [](Facts& f) { f.path = ""; }, "tool.tar", Status::failed, "pkgs.tar"}});

    const SecretFileFacts file{
        .key = "k", .path = "/s", .purpose = "p", .problem = "", .mode = 0600};
    expect_rows<SecretFileFacts>(
        file, [](const SecretFileFacts& f) { return Checks{judge_secret_file(f)}; },
        {{"unread", [](auto& f) { f.problem = "no"; }, "file.k", Status::failed},
         {"open", [](auto& f) { f.mode = 0644; }, "file.k", Status::warning, "chmod o= /s"}});
}

TEST(RunnerJudgementTest, KnowsWhatLosesACancel) {
    const auto unit = [](const char* mode, const char* stop) {
        return UnitProperties{{{"Id", "drone-runner-exec.service"},
                               {"LoadState", "loaded"},
                               {"ActiveState", "active"},
                               {"KillMode", mode},
                               {"TimeoutStopUSec", stop}}};
    };
    const RunnerFacts well{.booted = true,
                           .unit = unit("mixed", "1h 15min"),
                           .environment_known = true,
                           .capacity = "2",
                           .path = "/usr/bin",
                           .finds_cc_ci = true,
                           .own_program = "/opt/bin/cc-ci",
                           .processors = 2,
                           .memory = std::uint64_t{8} << 30,
                           .deadline = 60min,
                           .teardown_budget = 10min};
    using Facts = RunnerFacts;
    expect_rows<Facts>(
        well, judge_runner,
        {{"none", [](Facts& f) { f.unit = {}; }, "runner", Status::skipped},
         {"short", [&](Facts& f) { f.unit = unit("mixed", "1min 30s"); }, "runner.stop",
          Status::warning, "TimeoutStopSec=4260s"},
         {"short", [&](Facts& f) { f.unit = unit("control-group", "1min 30s"); }, "runner.stop",
          Status::warning, "TimeoutStopSec=660s"},
         {"enough", [&](Facts& f) { f.unit = unit("control-group", "12min"); }, "runner.stop",
          Status::ok},
         {"for ever", [&](Facts& f) { f.unit = unit("mixed", "infinity"); }, "runner.stop",
          Status::ok},
         {"process", [&](Facts& f) { f.unit = unit("process", "infinity"); }, "runner.stop",
          Status::warning, "KillMode=control-group"},
         {"many", [](Facts& f) { f.capacity = "20"; }, "runner.capacity", Status::warning,
          "DRONE_RUNNER_CAPACITY=4"},
         {"unseen", [](Facts& f) { f.environment_known = false; }, "runner.path", Status::skipped},
         {"path", [](Facts& f) { f.finds_cc_ci = false; }, "runner.path", Status::failed,
          "DRONE_RUNNER_PATH=/usr/bin:/opt/bin"}});
}

TEST(SelfTestJudgementTest, FailsForEachPromiseThatIsNotKept) {
    const SelfTestFacts well{.not_done = "",
                             .interrupted = false,
                             .pinning = {true, true, true, true},
                             .deadline = {142, 300ms, 450ms},
                             .kill = {true, 0, 500ms, true},
                             .said = {},
                             .left = {}};
    using Facts = SelfTestFacts;
    const char* const pinning = "self-test.pinning";
    expect_rows<Facts>(
        well, judge_self_test,
        {{"not begun", [](Facts& f) { f.pinning.step_killed = false; }, pinning, Status::failed},
         {"no end", [](Facts& f) { f.pinning.teardown_began = false; }, pinning, Status::failed},
         {"not held", [](Facts& f) { f.pinning.held_in_between = false; }, pinning, Status::failed},
         {"kept", [](Facts& f) { f.pinning.free_afterwards = false; }, pinning, Status::failed},
         {"passed", [](Facts& f) { f.deadline.code = 0; }, "self-test.deadline", Status::failed},
         {"for ever", [](Facts& f) { f.deadline.code = {}; }, "self-test.deadline", Status::failed},
         {"early", [](Facts& f) { f.deadline.took = 100ms; }, "self-test.deadline", Status::failed},
         {"late", [](Facts& f) { f.deadline.took = 5s; }, "self-test.deadline", Status::failed},
         {"late on a slow host",
          [](Facts& f) {
              f.deadline.took = 5s;
              f.kill.took = 3s;
          },
          "self-test.deadline", Status::ok},
         {"stray", [](Facts& f) { f.kill.stray_gone = false; }, "self-test.kill", Status::failed},
         {"code", [](Facts& f) { f.kill.code = 1; }, "self-test.kill", Status::failed},
         {"left", [](Facts& f) { f.left = {"unit x"}; }, "self-test.nothing-left", Status::failed,
          "systemctl stop"},
         {"interrupted", [](Facts& f) { f.interrupted = true; }, pinning, Status::skipped},
         {"not done", [](Facts& f) { f.not_done = "no"; }, "self-test.kill", Status::skipped}});
}

TEST(EtcdJudgementTest, SaysWhetherDomainsCanBeLocked) {
    using Facts = EtcdFacts;
    expect_rows<Facts>(
        {.problem = "", .took = 3ms, .endpoints = 3}, judge_etcd,
        {{"down", [](Facts& f) { f.problem = "etcd at http://10.0.0.1:2379: no answer in time"; },
          "etcd", Status::failed, "majority"},
         {"one of it", [](Facts& f) { f.endpoints = 1; }, "etcd", Status::warning, "endpoints"}});
}

}  // namespace
}  // namespace ccci::health
