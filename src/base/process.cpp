#include "base/process.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <stdexcept>

#include "base/files.hpp"
#include "base/os_error.hpp"
#include "base/text.hpp"

namespace ccci::base {

namespace {

/// What the child tells when it does not get as far as the exec.
struct Failure {
    int error;
    enum class Step : int { setup, directory, execute } step;
};

std::vector<char*> pointers(const std::vector<std::string>& texts) {
    std::vector<char*> result;
    result.reserve(texts.size() + 1);
    for (const std::string& text : texts) {
        result.push_back(const_cast<char*>(text.c_str()));
    }
    result.push_back(nullptr);
    return result;
}

void reset_signals() {
    // SIGPIPE is ignored in our programs, and ignored dispositions survive an exec (signal(7)).
    for (int signal = 1; signal < 32; ++signal) {
        if (signal != SIGKILL && signal != SIGSTOP) {
            (void)::signal(signal, SIG_DFL);
        }
    }
    sigset_t none;
    (void)::sigemptyset(&none);
    (void)::sigprocmask(SIG_SETMASK, &none, nullptr);
}

void die_with_parent(int signal, pid_t parent) {
    (void)::prctl(PR_SET_PDEATHSIG, signal);
    // A parent that died before the line above will never be noticed by the kernel.
    if (::getppid() != parent) {
        ::_exit(125);
    }
}

UniqueFd open_pidfd(pid_t pid) {
    UniqueFd fd{static_cast<int>(::syscall(SYS_pidfd_open, pid, 0))};
    if (!fd) {
        throw_errno(errno, "open pidfd of process {}", pid);
    }
    return fd;
}

/// Runs in the child; returns only on failure.
Failure become(const Command& command, const char* program, const std::vector<UniqueFd>& fds,
               char* const* argv, char* const* environment, pid_t parent) {
    using Step = Failure::Step;
    if (command.death_signal != 0) {
        die_with_parent(command.death_signal, parent);
    }
    if (command.new_session) {
        (void)::setsid();
    } else if (command.new_process_group) {
        (void)::setpgid(0, 0);
    }
    for (std::size_t target = 0; target < fds.size(); ++target) {
        // dup2 of a number onto itself would keep close-on-exec; the copies have other numbers.
        if (::dup2(fds[target].get(), static_cast<int>(target)) < 0) {
            return {errno, Step::setup};
        }
    }
    if (command.controlling_terminal && ::ioctl(STDIN_FILENO, TIOCSCTTY, 0) != 0) {
        return {errno, Step::setup};
    }
    reset_signals();
    if (!command.directory.empty() && ::chdir(command.directory.c_str()) != 0) {
        return {errno, Step::directory};
    }
    (void)::execve(program, argv, environment);
    return {errno, Step::execute};
}

/// vfork(2): the child borrows our memory, which need not be copied for it, and we go on when it
/// has executed the program or has ended. It makes system calls only, and tells here what went
/// wrong. Not inlined: nothing of the caller's may live in a register that the child overwrites.
[[gnu::noinline]] pid_t start_child(const Command& command, const char* program,
                                    const std::vector<UniqueFd>& fds, char* const* argv,
                                    char* const* environment, std::optional<Failure>& failure) {
    const pid_t parent = ::getpid();
    const pid_t pid = ::vfork();
    if (pid == 0) {
        failure = become(command, program, fds, argv, environment, parent);
        ::_exit(127);
    }
    return pid;
}

}  // namespace

std::string describe(const ExitStatus& status) {
    if (status.signal != 0) {
        return fmt::format("signal {} ({})", status.signal, ::strsignal(status.signal));
    }
    return fmt::format("exit {}", status.code);
}

int CannotExecute::shell_code() const noexcept {
    return error == ENOENT ? 127 : 126;
}

void Child::kill(int signal) const {
    if (::syscall(SYS_pidfd_send_signal, pidfd_.get(), signal, nullptr, 0) != 0 && errno != ESRCH) {
        throw_errno(errno, "signal process {}", pid_);
    }
}

void Child::kill_group(int signal) const {
    if (::kill(-pid_, signal) != 0 && errno != ESRCH) {
        throw_errno(errno, "signal process group {}", pid_);
    }
}

ExitStatus Child::wait() {
    siginfo_t info{};
    while (::waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED) != 0) {
        if (errno != EINTR) {
            throw_errno(errno, "wait for process {}", pid_);
        }
    }
    if (info.si_code == CLD_EXITED) {
        return {.code = info.si_status, .signal = 0};
    }
    return {.code = 0, .signal = info.si_status};
}

std::variant<Child, CannotExecute> spawn(const Command& command) {
    const std::vector<std::string> environment =
        command.environment ? *command.environment : own_environment();
    const auto program = find_program(command.argv.at(0),
                                      find_variable(environment, "PATH").value_or("/usr/bin:/bin"));
    if (!program) {
        return CannotExecute{
            ENOENT, fmt::format("execute {}: not found in PATH", printable(command.argv[0]))};
    }
    const std::vector<char*> argv = pointers(command.argv);
    const std::vector<char*> envp = pointers(environment);

    // Copies with numbers above all targets, so that no dup2 overwrites one that is still needed.
    const int above = 3 + static_cast<int>(command.more.size());
    std::vector<UniqueFd> fds;
    fds.push_back(command.in >= 0 ? duplicate(command.in, above)
                                  : duplicate(open_file("/dev/null", O_RDONLY).get(), above));
    fds.push_back(duplicate(command.out >= 0 ? command.out : STDOUT_FILENO, above));
    fds.push_back(duplicate(command.err >= 0 ? command.err : STDERR_FILENO, above));
    for (const auto& [ours, theirs] : command.more) {
        if (theirs != static_cast<int>(fds.size())) {
            throw std::logic_error{"descriptors for a child do not count up from 3"};
        }
        fds.push_back(duplicate(ours, above));
    }
    std::optional<Failure> failure;
    const pid_t pid =
        start_child(command, program->c_str(), fds, argv.data(), envp.data(), failure);
    if (pid < 0) {
        throw_errno(errno, "fork for {}", command.argv[0]);
    }
    Child child{pid, open_pidfd(pid)};
    if (!failure) {
        return child;
    }
    (void)child.wait();
    switch (failure->step) {
        case Failure::Step::directory:
            // Not "not found": the program may well exist.
            return CannotExecute{EACCES, fmt::format("enter {}: {}", command.directory.native(),
                                                     std::strerror(failure->error))};
        case Failure::Step::execute:
            return CannotExecute{failure->error, fmt::format("execute {}: {}", program->native(),
                                                             std::strerror(failure->error))};
        case Failure::Step::setup:
            break;
    }
    throw_errno(failure->error, "set up {}", command.argv[0]);
}

Child fork_function(int (*function)(void*), void* argument) {
    const pid_t parent = ::getpid();
    const pid_t pid = ::fork();
    if (pid < 0) {
        throw_errno(errno, "fork");
    }
    if (pid == 0) {
        die_with_parent(SIGKILL, parent);
        reset_signals();
        int code = 125;
        try {
            code = function(argument);
        } catch (...) {
            code = 125;
        }
        ::_exit(code);
    }
    return {pid, open_pidfd(pid)};
}

Output run_and_capture(Command command, std::size_t limit) {
    auto [read_end, write_end] = make_pipe();
    command.out = write_end.get();
    if (command.err < 0) {
        command.err = write_end.get();
    }
    std::variant<Child, CannotExecute> started = spawn(command);
    if (const auto* failure = std::get_if<CannotExecute>(&started)) {
        throw std::runtime_error{failure->reason};
    }
    write_end.reset();
    Output output;
    std::array<char, 16384> buffer;
    for (;;) {
        const ssize_t n = ::read(read_end.get(), buffer.data(), buffer.size());
        if (n > 0) {
            const std::size_t room = limit - std::min(limit, output.text.size());
            output.text.append(buffer.data(), std::min(room, static_cast<std::size_t>(n)));
        } else if (n == 0) {
            break;
        } else if (errno != EINTR) {
            throw_errno(errno, "read output of {}", command.argv[0]);
        }
    }
    output.status = std::get<Child>(started).wait();
    return output;
}

std::optional<std::filesystem::path> find_program(const std::string& name,
                                                  const std::string& path) {
    if (name.find('/') != std::string::npos) {
        return name;
    }
    if (name.empty()) {
        return std::nullopt;
    }
    std::optional<std::filesystem::path> found_but_not_executable;
    for (const std::string& folder : split(path, ':')) {
        std::filesystem::path candidate = std::filesystem::path{folder.empty() ? "." : folder};
        candidate /= name;
        // A directory of PATH that we may not enter is passed over, as a shell does.
        std::error_code unseen;
        if (!std::filesystem::is_regular_file(candidate, unseen)) {
            continue;
        }
        if (::access(candidate.c_str(), X_OK) == 0) {
            return candidate;
        }
        if (errno == EACCES) {
            found_but_not_executable = candidate;
        }
    }
    return found_but_not_executable;
}

std::optional<std::string> find_variable(const std::vector<std::string>& environment,
                                         std::string_view name) {
    for (auto entry = environment.rbegin(); entry != environment.rend(); ++entry) {
        if (entry->size() > name.size() && entry->compare(0, name.size(), name) == 0 &&
            (*entry)[name.size()] == '=') {
            return entry->substr(name.size() + 1);
        }
    }
    return std::nullopt;
}

void set_variable(std::vector<std::string>& environment, std::string_view name,
                  std::string_view value) {
    const std::string prefix = fmt::format("{}=", name);
    std::erase_if(environment, [&](const std::string& entry) { return entry.starts_with(prefix); });
    environment.push_back(prefix + std::string{value});
}

std::vector<std::string> own_environment() {
    std::vector<std::string> result;
    for (char** entry = environ; *entry != nullptr; ++entry) {
        result.emplace_back(*entry);
    }
    return result;
}

std::filesystem::path own_program() {
    return std::filesystem::read_symlink("/proc/self/exe");
}

std::filesystem::path internal_program(const std::string& name) {
    const std::filesystem::path folder = own_program().parent_path();
    if (folder.filename() == "cc-ci" && folder.parent_path().filename() == "libexec") {
        return folder / name;  // one of them calls another
    }
    return (folder / "../libexec/cc-ci" / name).lexically_normal();
}

}  // namespace ccci::base
