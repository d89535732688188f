#include "base/descendants.hpp"

#include <dirent.h>
#include <fmt/format.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <map>
#include <memory>
#include <string_view>

#include "base/files.hpp"
#include "base/os_error.hpp"
#include "base/text.hpp"

namespace ccci::base {

namespace {

std::optional<std::string> read_proc(pid_t pid, const char* file) {
    try {
        return try_read_file(fmt::format("/proc/{}/{}", pid, file));
    } catch (const std::system_error&) {
        return std::nullopt;  // ESRCH: it ended between open and read
    }
}

std::optional<ProcessStat> read_stat(pid_t pid) {
    const std::optional<std::string> text = read_proc(pid, "stat");
    return text ? parse_stat(pid, *text) : std::nullopt;
}

/// PF_EXITING of the kernel's include/linux/sched.h, to which proc(5) refers.
constexpr std::uint64_t k_exiting = 0x4;
/// Whatever kills a process becomes a pending SIGKILL of each of its threads (signal(7) does not
/// say so, kernel/signal.c does).
constexpr std::uint64_t k_killed = std::uint64_t{1} << (SIGKILL - 1);

/// The numbers of stat by their numbers in proc(5): [0] is the fourth, the parent.
std::vector<std::uint64_t> numbers_in(std::string_view text) {
    std::vector<std::uint64_t> numbers;
    while (!text.empty()) {
        const std::string_view word = text.substr(0, text.find(' '));
        std::uint64_t number = 0;
        // Some are negative, none of those that are looked at.
        (void)std::from_chars(word.data(), word.data() + word.size(), number);
        numbers.push_back(number);
        text.remove_prefix(std::min(text.size(), word.size() + 1));
    }
    return numbers;
}

bool is_over(const ProcessStat& stat) {
    return stat.state == 'Z' || stat.state == 'X';
}

}  // namespace

std::optional<ProcessStat> parse_stat(pid_t pid, const std::string& text) {
    // The name is in parentheses and may itself contain any of them: take the outermost.
    const std::size_t open = text.find('(');
    const std::size_t close = text.rfind(')');
    if (open == std::string::npos || close == std::string::npos || close < open) {
        return std::nullopt;
    }
    ProcessStat stat;
    stat.facts.pid = pid;
    stat.facts.name = text.substr(open + 1, close - open - 1);
    // ") S 42 ..."
    const std::string_view rest = std::string_view{text}.substr(close);
    if (rest.size() < 5 || rest[1] != ' ' || rest[3] != ' ') {
        return std::nullopt;
    }
    stat.state = rest[2];
    const std::vector<std::uint64_t> numbers = numbers_in(rest.substr(4));
    const auto field = [&](std::size_t number) { return numbers[number - 4]; };
    if (numbers.size() + 3 < 22) {
        return std::nullopt;
    }
    stat.facts.parent = static_cast<pid_t>(field(4));
    stat.facts.start_ticks = field(22);
    if (numbers.size() + 3 >= 31) {
        stat.facts.ending =
            (field(9) & k_exiting) != 0 || field(23) == 0 || (field(31) & k_killed) != 0;
    }
    return stat;
}

std::optional<ProcessFacts> process_facts(pid_t pid) {
    const std::optional<ProcessStat> stat = read_stat(pid);
    if (!stat) {
        return std::nullopt;
    }
    return stat->facts;
}

std::string command_line(pid_t pid) {
    std::string text = read_proc(pid, "cmdline").value_or("");
    while (!text.empty() && text.back() == '\0') {
        text.pop_back();
    }
    if (text.empty()) {
        const std::optional<ProcessFacts> facts = process_facts(pid);
        return facts ? fmt::format("[{}]", printable(facts->name)) : "[gone]";
    }
    std::replace(text.begin(), text.end(), '\0', ' ');
    return printable(text, 100);
}

const std::string& boot_id() {
    static const std::string id = [] {
        constexpr const char* k_file = "/proc/sys/kernel/random/boot_id";
        const auto text = try_read_file(k_file);
        if (!text) {
            throw_errno(ENOENT, "open {}", k_file);
        }
        return std::string{trim(*text)};
    }();
    return id;
}

bool is_alive(pid_t pid, std::uint64_t start_ticks) {
    const std::optional<ProcessStat> stat = read_stat(pid);
    return stat && stat->facts.start_ticks == start_ticks && !is_over(*stat);
}

void become_subreaper() {
    if (::prctl(PR_SET_CHILD_SUBREAPER, 1) != 0) {
        throw_errno(errno, "become subreaper");
    }
}

std::vector<ProcessFacts> descendants_of(pid_t root, pid_t spared) {
    const std::unique_ptr<DIR, int (*)(DIR*)> proc{::opendir("/proc"), ::closedir};
    if (!proc) {
        throw_errno(errno, "open /proc");
    }
    std::multimap<pid_t, ProcessStat> by_parent;
    while (const dirent* entry = ::readdir(proc.get())) {
        const std::string_view name = entry->d_name;
        pid_t pid = 0;
        const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), pid);
        if (error != std::errc{} || end != name.data() + name.size()) {
            continue;
        }
        if (const std::optional<ProcessStat> stat = read_stat(pid)) {
            by_parent.emplace(stat->facts.parent, *stat);
        }
    }
    // A zombie may have living children only for a moment, but it may: descend through it.
    std::vector<ProcessFacts> result;
    std::vector<pid_t> parents{root};
    for (std::size_t at = 0; at < parents.size(); ++at) {
        const auto [begin, end] = by_parent.equal_range(parents[at]);
        for (auto child = begin; child != end; ++child) {
            if (child->second.facts.pid == spared) {
                continue;
            }
            parents.push_back(child->second.facts.pid);
            if (!is_over(child->second)) {
                result.push_back(child->second.facts);
            }
        }
    }
    return result;
}

bool reap_children(std::initializer_list<pid_t> keep) {
    for (;;) {
        // Look first: whoever is to be kept must stay a zombie.
        siginfo_t info{};
        if (::waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) != 0) {
            if (errno == EINTR) {
                continue;
            }
            return false;  // ECHILD
        }
        if (info.si_pid == 0) {
            return true;
        }
        if (std::ranges::find(keep, info.si_pid) != keep.end()) {
            return true;
        }
        (void)::waitid(P_PID, static_cast<id_t>(info.si_pid), &info, WEXITED | WNOHANG);
    }
}

}  // namespace ccci::base
