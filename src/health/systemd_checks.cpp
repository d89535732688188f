#include "health/systemd_checks.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/duration.hpp"
#include "base/text.hpp"

namespace ccci::health {

namespace {

constexpr int k_oldest = 252;

Check judge_version(const SystemdFacts& facts) {
    const Subject subject{
        "systemd",
        "a run is a transient unit: it has a hard deadline, an ExecStopPost and a "
        "lock that outlives every process of it only where systemd runs the host"};
    if (!facts.booted) {
        return subject.warning(
            "systemd does not run this host: runs are processes of their step "
            "(--manager none)",
            advice("boot this host with systemd 252 or later"));
    }
    const int version = parse_version(facts.version);
    if (version == 0) {
        return subject.failed("systemd does not answer: systemctl show --property=Version",
                              command("systemctl daemon-reexec"));
    }
    if (version < k_oldest) {
        return subject.failed(fmt::format("version {}", facts.version),
                              advice("update this host: cc-ci is tested with 252 and later"));
    }
    return subject.ok(fmt::format("version {}", facts.version));
}

Check judge_manager(const SystemdFacts& facts) {
    const Subject subject{"manager", "what a run is asked of; without it every run is refused"};
    if (!facts.booted) {
        return subject.skipped("no systemd");
    }
    if (!facts.is_root && !facts.user_bus) {
        return subject.failed(
            fmt::format("user {} has no manager: no bus at /run/user/{}/bus", facts.user,
                        facts.uid),
            command(fmt::format("loginctl enable-linger {}", shell_word(facts.user))));
    }
    const std::string which =
        facts.is_root ? "the system's manager" : fmt::format("the manager of {}", facts.user);
    if (!facts.bus_problem.empty()) {
        return subject.failed(fmt::format("{}: {}", which, facts.bus_problem),
                              facts.is_root
                                  ? command("systemctl start dbus.socket dbus.service")
                                  : command(fmt::format("systemctl restart user@{}", facts.uid)));
    }
    return subject.ok(which);
}

Check judge_cgroup(const SystemdFacts& facts) {
    const Subject subject{"cgroup",
                          "the cgroup is what finds every process of a run, and what limits it"};
    if (!facts.booted) {
        return subject.skipped("no systemd");
    }
    const Fix fix = configuration(
        "systemd.unified_cgroup_hierarchy=1 (on the command line of the kernel, then reboot)");
    switch (facts.cgroup) {
        case CgroupLayout::unified:
            return subject.ok("cgroup v2");
        case CgroupLayout::hybrid:
            return subject.warning("cgroup v1 beside v2 (hybrid)", fix);
        case CgroupLayout::none:
            break;
    }
    return subject.failed("no cgroup v2", fix);
}

Fix controller_fix(const SystemdFacts& facts, const std::string& name) {
    if (!facts.is_root) {
        return configuration(
            fmt::format("Delegate=pids memory cpu io (in [Service] of "
                        "/etc/systemd/system/user@{}.service.d/cc-ci.conf)",
                        facts.uid));
    }
    if (name == "memory" && facts.cgroup == CgroupLayout::unified) {
        return configuration(
            "cgroup_enable=memory (on the command line of the kernel, then reboot)");
    }
    if (facts.cgroup == CgroupLayout::unified) {
        return advice(
            "see what keeps it from cgroup v2: cgroup_disable= on the command line of the kernel, "
            "a "
            "cgroup v1 that somebody mounted, or a kernel that was built without it");
    }
    return configuration(
        "systemd.unified_cgroup_hierarchy=1 (on the command line of the kernel, then reboot)");
}

Check judge_controller(const SystemdFacts& facts, const char* name, const char* why) {
    const Subject subject{fmt::format("cgroup.{}", name), why};
    if (!facts.booted) {
        return subject.skipped("no systemd");
    }
    if (!facts.bus_problem.empty() || facts.cgroup == CgroupLayout::none) {
        return subject.skipped("there is nobody to ask, or no cgroup v2");
    }
    if (std::ranges::count(facts.controllers, name) == 0) {
        return subject.warning(fmt::format("the controller '{}' is not there", name),
                               controller_fix(facts, name));
    }
    return subject.ok(fmt::format("the controller '{}' is there", name));
}

bool is_limited(const std::string& value) {
    return !value.empty() && value != "infinity" && value != "18446744073709551615" &&
           value != "[not set]";
}

}  // namespace

Checks judge_systemd(const SystemdFacts& facts) {
    return {
        judge_version(facts),
        judge_manager(facts),
        judge_cgroup(facts),
        judge_controller(facts, "memory",
                         "without it --memory-max is refused, the verdict out-of-memory is never "
                         "given, and no run's memory is known"),
        judge_controller(facts, "pids", "without it --tasks-max is refused"),
        judge_controller(facts, "cpu", "without it --cpu-quota is refused"),
        judge_controller(facts, "io", "without it what a run reads and writes is not known")};
}

Check judge_slice(const UnitProperties& slice) {
    const Subject subject{"slice",
                          "cc-ci.slice limits all runs together (systemctl edit cc-ci.slice)"};
    std::vector<std::string> limits;
    for (const char* name : {"MemoryMax", "MemoryHigh", "TasksMax", "CPUQuotaPerSecUSec"}) {
        if (is_limited(slice[name])) {
            limits.push_back(fmt::format("{}={}", name, slice[name]));
        }
    }
    return subject.ok(limits.empty() ? "no limit on all runs together" : base::join(limits, ", "));
}

Check judge_timer(const TimerFacts& facts) {
    const Subject subject{"timer." + facts.name.substr(std::string{"cc-ci-"}.size()), facts.does};
    const std::string timer = facts.name + ".timer";
    if (!facts.needed) {
        return subject.skipped("nothing here needs it");
    }
    if (!facts.timer.is_loaded()) {
        if (facts.unit_files.empty()) {
            return subject.warning(fmt::format("there is no {}", timer),
                                   advice("install cc-ci with its units (docs/operations.md)"));
        }
        return subject.warning(
            fmt::format("systemd does not know {}", timer),
            command(fmt::format("systemctl link {0}/{1}.service {0}/{1}.timer && "
                                "systemctl enable --now {1}.timer",
                                shell_word(facts.unit_files), facts.name)));
    }
    const bool active = facts.timer["ActiveState"] == "active";
    const std::string enabled = facts.timer["UnitFileState"];
    if (!active || enabled == "disabled") {
        return subject.warning(fmt::format("{} is {}{}", timer, enabled.empty() ? "there" : enabled,
                                           active ? "" : ", and does not run"),
                               command(fmt::format("systemctl enable --now {}", timer)));
    }
    const std::string result = facts.service["Result"];
    if (!result.empty() && result != "success") {
        return subject.warning(
            fmt::format("the last pass of {0}.service failed ({1}, exit {2}): journalctl "
                        "--unit={0}.service",
                        facts.name, result, facts.service["ExecMainStatus"]),
            command(fmt::format("systemctl start {}.service", facts.name)));
    }
    return subject.ok(fmt::format("{} runs; {}", timer,
                                  facts.service["ExecMainExitTimestamp"].empty()
                                      ? "no pass is over yet"
                                      : "its last pass was well"));
}

Checks judge_user_manager(const SystemdFacts& facts, const UnitProperties& unit,
                          std::chrono::microseconds teardown_budget) {
    if (!facts.booted || facts.is_root || !facts.user_bus) {
        return {};
    }
    const std::string file = fmt::format(
        "(in [Service] of /etc/systemd/system/user@{}.service.d/cc-ci.conf)", facts.uid);
    const Subject journal{"user-manager.journal",
                          "journald takes no more than so many lines of one unit, and the manager "
                          "with all its runs is one"};
    const Subject stop{"user-manager.stop",
                       "a manager that stops has to wait for the teardowns of its runs"};
    const Subject restart{
        "user-manager.restart",
        "nothing else brings back a manager that was killed, and until then every "
        "run is refused"};
    constexpr unsigned long long k_enough = 1'000'000;
    Checks checks;
    const std::string burst = unit["LogRateLimitBurst"];
    const bool enough = parse_version(burst) >= static_cast<int>(k_enough);
    checks.push_back(
        enough ? journal.ok(fmt::format("LogRateLimitBurst={}", burst))
               : journal.warning(
                     fmt::format("LogRateLimitBurst={}", burst.empty() ? "0" : burst),
                     configuration(fmt::format(
                         "LogRateLimitIntervalSec=1s and LogRateLimitBurst=10000000 {}", file))));
    const std::string span = unit["TimeoutStopUSec"];
    const auto timeout = parse_unit_span(span);
    const bool patient = span == "infinity" || (timeout && *timeout > 2 * teardown_budget);
    checks.push_back(
        patient
            ? stop.ok(fmt::format("TimeoutStopSec={}", span))
            : stop.warning(fmt::format("TimeoutStopSec={}, and a teardown may take {}", span,
                                       base::format_duration(teardown_budget)),
                           configuration(fmt::format(
                               "TimeoutStopSec={}s {}",
                               (5 * teardown_budget.count() / 2 + 999'999) / 1'000'000, file))));
    const std::string mode = unit["Restart"];
    checks.push_back(mode.empty() || mode == "no"
                         ? restart.warning("Restart=no", configuration(fmt::format(
                                                             "Restart=on-failure {}", file)))
                         : restart.ok("Restart=" + mode));
    return checks;
}

Check judge_programs(const std::vector<ProgramFacts>& programs, const std::string& version) {
    const Subject subject{"programs",
                          "cc-ci starts them for each run; those of another version do not belong "
                          "together"};
    for (const ProgramFacts& program : programs) {
        if (!program.executable) {
            return subject.failed(
                fmt::format("{} is not there, or cannot be executed", program.path),
                advice("install cc-ci as a whole"));
        }
        if (program.version != version) {
            return subject.failed(
                fmt::format("{} is of version {}, cc-ci of {}", program.path,
                            program.version.empty() ? "unknown" : program.version, version),
                advice("install cc-ci as a whole"));
        }
    }
    return subject.ok(fmt::format("cc-ci and what belongs to it are of version {}", version));
}

}  // namespace ccci::health
