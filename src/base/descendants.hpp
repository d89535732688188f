#pragma once

#include <sys/types.h>

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <vector>

namespace ccci::base {

/// What tells this boot of the kernel from every other one (random(4)); read once.
const std::string& boot_id();

/// One process as /proc shows it. Pid and start time together name a process until the next boot:
/// pids are reused, the pair is not (proc(5), field 22 of stat: clock ticks since boot).
struct ProcessFacts {
    pid_t pid = 0;
    pid_t parent = 0;
    std::uint64_t start_ticks = 0;
    std::string name;  ///< comm: at most 15 bytes, anything in it
    /// It has been killed, or exits, and only has not come to its end yet (proc(5), fields 9, 23
    /// and 31 of stat). One that is in the middle of an exec is not.
    bool ending = false;
};

/// One process and what it is doing: field 3 of stat, 'Z' for one that has ended.
struct ProcessStat {
    ProcessFacts facts;
    char state = '?';
};

/// Reads the text of /proc/<pid>/stat; nullopt when that is not what it is.
std::optional<ProcessStat> parse_stat(pid_t pid, const std::string& text);

/// nullopt when there is no such process.
std::optional<ProcessFacts> process_facts(pid_t pid);

/// The command line for people, cut to a hundred bytes; comm in brackets when it has none.
std::string command_line(pid_t pid);

/// True while the very process that had this pid and start time is alive (not a zombie).
bool is_alive(pid_t pid, std::uint64_t start_ticks);

/// Makes orphaned descendants of this process children of it instead of PID 1's (prctl(2),
/// PR_SET_CHILD_SUBREAPER), so that a daemonised process stays findable. Throws on failure.
void become_subreaper();

/// Every living descendant of `root`, parents before children, but for `spared` and what descends
/// from it. A snapshot: a process that forks meanwhile may be missed, so whoever kills repeats
/// until none is left.
std::vector<ProcessFacts> descendants_of(pid_t root, pid_t spared = 0);

/// Reaps children that have ended, but for those in `keep`, which somebody still wants to wait for.
/// Returns false when there are no children at all.
bool reap_children(std::initializer_list<pid_t> keep = {});

}  // namespace ccci::base
