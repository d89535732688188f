#include "health/kernel_checks.hpp"

#include <fmt/format.h>

namespace ccci::health {

namespace {

constexpr std::uint64_t k_few_pids = 30'000;
constexpr std::uint64_t k_few_descriptors = 4'096;
constexpr std::uint64_t k_few_instances = 128;
constexpr std::uint64_t k_few_watches = 8'192;

Check judge_calls(const KernelFacts& facts) {
    const Subject subject{"kernel",
                          "pidfds name exactly one process, so nobody else is signalled; the "
                          "subreaper keeps what a job left behind within reach"};
    const Fix fix = advice("run Linux 5.10 or later, without a filter on these system calls");
    if (!facts.pidfd) {
        return subject.failed(fmt::format("Linux {}: no pidfd_open", facts.release), fix);
    }
    if (!facts.pidfd_signal) {
        return subject.failed(fmt::format("Linux {}: no pidfd_send_signal", facts.release), fix);
    }
    if (!facts.subreaper) {
        return subject.failed(fmt::format("Linux {}: no PR_SET_CHILD_SUBREAPER", facts.release),
                              fix);
    }
    return subject.ok(fmt::format("Linux {}: pidfds and subreapers work", facts.release));
}

Check judge_processes(const KernelFacts& facts) {
    const Subject subject{
        "kernel.processes",
        "a job that gets no process fails with 'Resource temporarily unavailable'"};
    const std::string found = fmt::format(
        "{} of {} in use{}", facts.processes, facts.pid_max,
        facts.process_limit > 0 ? fmt::format(", {} for this user", facts.process_limit) : "");
    if (facts.pid_max == 0) {
        return subject.skipped("/proc/sys/kernel/pid_max cannot be read");
    }
    if (facts.pid_max < k_few_pids || facts.processes > facts.pid_max / 10 * 8) {
        return subject.warning(found, command("sysctl -w kernel.pid_max=4194304"));
    }
    return subject.ok(found);
}

Check judge_files(const KernelFacts& facts) {
    const Subject subject{"kernel.files",
                          "a job that gets no descriptor fails with 'Too many open files'"};
    if (facts.file_max == 0) {
        return subject.skipped("/proc/sys/fs/file-nr cannot be read");
    }
    const std::string found = fmt::format("{} open, {} at most; {} for each process", facts.files,
                                          facts.file_max, facts.descriptor_limit);
    if (facts.files > facts.file_max / 10 * 8) {
        return subject.warning(found, command("sysctl -w fs.file-max=9223372036854775807"));
    }
    if (facts.descriptor_limit < k_few_descriptors) {
        return subject.warning(
            found, configuration("LimitNOFILE=65536 (in [Service] of the unit of the runner)"));
    }
    return subject.ok(found);
}

Check judge_inotify(const KernelFacts& facts) {
    const Subject subject{
        "kernel.inotify",
        "the harness is told by inotify what its job says of itself, and test tools "
        "of jobs use it up"};
    if (!facts.inotify) {
        return subject.failed("no inotify instance is left for this user",
                              command("sysctl -w fs.inotify.max_user_instances=1024"));
    }
    const std::string found = fmt::format("{} instances, {} watches for each user",
                                          facts.inotify_instances, facts.inotify_watches);
    if (facts.inotify_instances < k_few_instances || facts.inotify_watches < k_few_watches) {
        return subject.warning(found, command("sysctl -w fs.inotify.max_user_instances=1024 "
                                              "fs.inotify.max_user_watches=524288"));
    }
    return subject.ok(found);
}

Check judge_clock(const KernelFacts& facts) {
    const Subject subject{
        "clock", "the times in records, and what is 'older than', are those of this clock"};
    if (!facts.clock_known) {
        return subject.skipped("adjtimex is not permitted");
    }
    return facts.clock_synchronised
               ? subject.ok("synchronised")
               : subject.warning("not synchronised", command("timedatectl set-ntp true"));
}

}  // namespace

Checks judge_kernel(const KernelFacts& facts) {
    return {judge_calls(facts), judge_processes(facts), judge_files(facts), judge_inotify(facts),
            judge_clock(facts)};
}

}  // namespace ccci::health
