#include <signal.h>
#include <sys/inotify.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/timex.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <charconv>
#include <string>

#include "base/files.hpp"
#include "base/text.hpp"
#include "base/unique_fd.hpp"
#include "doctor/patient.hpp"
#include "health/kernel_checks.hpp"

namespace ccci::doctor {

namespace {

/// The word at that place of a file of numbers; zero: not to be read.
std::uint64_t number_in(const char* path, std::size_t place = 0) {
    const std::string text = base::replace_all(
        std::string{base::trim(base::try_read_file(path).value_or(""))}, "\t", " ");
    const auto words = base::split(text, ' ');
    std::uint64_t number = 0;
    if (place < words.size()) {
        const std::string& word = words[place];
        (void)std::from_chars(word.data(), word.data() + word.size(), number);
    }
    return number;
}

std::uint64_t limit_of(decltype(RLIMIT_NOFILE) resource) {
    rlimit limit{};
    return ::getrlimit(resource, &limit) == 0 && limit.rlim_max != RLIM_INFINITY ? limit.rlim_max
                                                                                 : 0;
}

/// "0.52 0.58 0.59 3/1234 5678"
std::uint64_t processes() {
    const auto words = base::split(base::try_read_file("/proc/loadavg").value_or(""), ' ');
    std::uint64_t number = 0;
    if (words.size() > 3) {
        const std::string& word = words[3];
        const auto slash = word.find('/');
        if (slash != std::string::npos) {
            (void)std::from_chars(word.data() + slash + 1, word.data() + word.size(), number);
        }
    }
    return number;
}

}  // namespace

health::Checks look_at_kernel() {
    health::KernelFacts facts;
    utsname name{};
    if (::uname(&name) == 0) {
        facts.release = name.release;
    }
    const base::UniqueFd pidfd{static_cast<int>(::syscall(SYS_pidfd_open, ::getpid(), 0))};
    facts.pidfd = static_cast<bool>(pidfd);
    facts.pidfd_signal = pidfd && ::syscall(SYS_pidfd_send_signal, pidfd.get(), 0, nullptr, 0) == 0;
    facts.subreaper = ::prctl(PR_SET_CHILD_SUBREAPER, 1) == 0;
    const base::UniqueFd inotify{::inotify_init1(IN_CLOEXEC)};
    facts.inotify = static_cast<bool>(inotify);
    facts.pid_max = number_in("/proc/sys/kernel/pid_max");
    facts.processes = processes();
    facts.process_limit = ::geteuid() == 0 ? 0 : limit_of(RLIMIT_NPROC);
    facts.files = number_in("/proc/sys/fs/file-nr");
    facts.file_max = number_in("/proc/sys/fs/file-nr", 2);
    const std::uint64_t descriptors = limit_of(RLIMIT_NOFILE);
    facts.descriptor_limit = descriptors != 0 ? descriptors : facts.file_max;
    facts.inotify_instances = number_in("/proc/sys/fs/inotify/max_user_instances");
    facts.inotify_watches = number_in("/proc/sys/fs/inotify/max_user_watches");
    timex clock{};
    const int state = ::adjtimex(&clock);  // with no mode it only reads
    facts.clock_known = state >= 0;
    facts.clock_synchronised = state >= 0 && (clock.status & STA_UNSYNC) == 0;
    return judge_kernel(facts);
}

}  // namespace ccci::doctor
