#pragma once

#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/unique_fd.hpp"

namespace ccci::base {

/// How a process ended: by exit(code) or by a signal.
struct ExitStatus {
    int code = 0;    ///< meaningful when signal == 0
    int signal = 0;  ///< 0: it exited by itself

    [[nodiscard]] bool success() const noexcept { return code == 0 && signal == 0; }
    /// As a shell reports it: the code, or 128 + signal.
    [[nodiscard]] int shell_code() const noexcept { return signal != 0 ? 128 + signal : code; }
    bool operator==(const ExitStatus&) const = default;
};

/// "exit 7", "signal 9 (Killed)".
std::string describe(const ExitStatus& status);

/// What to start. Descriptors are borrowed for the call only.
struct Command {
    std::vector<std::string> argv;  ///< argv[0] is searched in PATH of `environment`
    std::optional<std::vector<std::string>> environment = {};  ///< "NAME=value"; nullopt: our own
    std::filesystem::path directory = {};                      ///< empty: our own
    int in = -1;                                               ///< -1: /dev/null
    int out = -1;                                              ///< -1: our own
    int err = -1;                                              ///< -1: our own
    /// Further descriptors, as {ours, number in the child}; the numbers count up from 3.
    std::vector<std::pair<int, int>> more = {};
    bool new_session = false;        ///< setsid(2), which also makes a process group
    bool new_process_group = false;  ///< setpgid(0, 0)
    int death_signal = 0;            ///< sent to the child when we die; 0: none
    /// With new_session: `in` is a terminal, which becomes that of the session.
    bool controlling_terminal = false;
};

/// The program could not be executed; nothing runs.
struct CannotExecute {
    int error = 0;       ///< errno
    std::string reason;  ///< "execute /x/y: Permission denied"
    /// 127 when it was not found, else 126.
    [[nodiscard]] int shell_code() const noexcept;
};

/// A child of this process that was not waited for yet.
/// Dropping the object neither kills nor reaps it.
class Child {
public:
    Child(pid_t pid, UniqueFd pidfd) noexcept : pid_{pid}, pidfd_{std::move(pidfd)} {}

    [[nodiscard]] pid_t pid() const noexcept { return pid_; }
    /// Becomes readable when the process ended (pidfd_open(2)).
    [[nodiscard]] int pidfd() const noexcept { return pidfd_.get(); }
    /// Signals exactly this process. One that has ended is not an error.
    void kill(int signal) const;
    /// Signals its process group; only for a child that was started as a group of its own.
    void kill_group(int signal) const;
    /// Blocks until it ended, and reaps it.
    ExitStatus wait();

private:
    pid_t pid_;
    UniqueFd pidfd_;
};

/// Starts the command with default signal dispositions and an empty signal mask. Returns in the
/// middle of the exec: nothing can fail any more, but the child's copies of our close-on-exec
/// descriptors may live for a moment longer (linux, fs/exec.c: begin_new_exec() lets go of the
/// memory that vfork(2) waits for before it closes them). Every descriptor that is not named in
/// `command` must be close-on-exec already. Throws std::system_error when no process can be made.
std::variant<Child, CannotExecute> spawn(const Command& command);

/// Runs `function` in a forked child, which exits with what it returns (125 if it throws).
/// The child dies with us. Only for a process without threads.
Child fork_function(int (*function)(void*), void* argument);

template <typename Function>
Child fork_function(Function& function) {
    return fork_function([](void* f) { return (*static_cast<Function*>(f))(); }, &function);
}

struct Output {
    ExitStatus status;
    std::string text;  ///< stdout, and stderr unless command.err was set
};

/// Runs to the end and keeps what it wrote, at most `limit` bytes (the rest is read and dropped).
/// Throws std::runtime_error when the program cannot be executed.
Output run_and_capture(Command command, std::size_t limit = std::size_t{1} << 24);

/// The file that `name` means when PATH is `path`; nullopt when there is none. A name with a slash
/// is returned as it is.
std::optional<std::filesystem::path> find_program(const std::string& name, const std::string& path);

/// The value of NAME in a list of "NAME=value"; the last one counts, as for execve(2) users.
std::optional<std::string> find_variable(const std::vector<std::string>& environment,
                                         std::string_view name);
/// Replaces or appends.
void set_variable(std::vector<std::string>& environment, std::string_view name,
                  std::string_view value);
/// The environment of this process.
std::vector<std::string> own_environment();

/// This program's own executable file.
std::filesystem::path own_program();

/// Where a program that only ours call is installed: ../libexec/cc-ci, seen from our own place, or
/// our own place where that is it.
std::filesystem::path internal_program(const std::string& name);

}  // namespace ccci::base
