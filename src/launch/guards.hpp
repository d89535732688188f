#pragma once

#include <sys/types.h>

namespace ccci::launch {

/// What the step knows of the process that started it.
class Parent {
public:
    /// Asks the kernel for SIGTERM at the parent's death and makes sure that the parent had not
    /// died before; `at_start` is what getppid(2) said first thing in main(). Throws
    /// run::UsageError if it had: the kernel would never tell, and nobody would ever cancel this
    /// run.
    static Parent guard(pid_t at_start);

    /// For a run that is to outlive its parent.
    static Parent ignore();

    [[nodiscard]] bool is_gone() const;

private:
    explicit Parent(pid_t pid) : pid_{pid} {}

    pid_t pid_;
};

/// A process as the orphan test sees it.
struct Ancestry {
    pid_t own_pid = 0;
    pid_t own_session = 0;
    pid_t parent = 0;
    pid_t parent_session = 0;    ///< 0: not to be seen from here
    pid_t systemd_exec_pid = 0;  ///< $SYSTEMD_EXEC_PID (systemd.exec(5)), 0 if unset
};

/// An orphan was handed to PID 1 or to a subreaper. Neither shares its session, unless it made a
/// session of its own; and a service that systemd itself started is told so by its environment.
bool is_orphan(const Ancestry& ancestry);

}  // namespace ccci::launch
