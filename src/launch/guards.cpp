#include "launch/guards.hpp"

#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>

#include "base/os_error.hpp"
#include "run/usage_error.hpp"

namespace ccci::launch {

namespace {

Ancestry own_ancestry(pid_t parent) {
    const char* systemd_pid = std::getenv("SYSTEMD_EXEC_PID");
    const pid_t parent_session = parent > 0 ? ::getsid(parent) : 0;
    return {.own_pid = ::getpid(),
            .own_session = ::getsid(0),
            .parent = parent,
            .parent_session = parent_session > 0 ? parent_session : 0,
            .systemd_exec_pid = systemd_pid != nullptr ? std::atoi(systemd_pid) : 0};
}

}  // namespace

bool is_orphan(const Ancestry& ancestry) {
    if (ancestry.parent == 0) {
        return false;  // the parent lives outside of this pid namespace, and orphans never go there
    }
    if (ancestry.systemd_exec_pid == ancestry.own_pid || ancestry.own_session == ancestry.own_pid) {
        return false;
    }
    return ancestry.parent == 1 || ancestry.parent_session != ancestry.own_session;
}

Parent Parent::guard(pid_t at_start) {
    if (::prctl(PR_SET_PDEATHSIG, SIGTERM) != 0) {
        base::throw_errno(errno, "ask for the parent-death signal");
    }
    if (is_orphan(own_ancestry(at_start)) || ::getppid() != at_start) {
        throw run::UsageError{
            "refusing to run: the process that started this one is gone already "
            "(if it was meant to be started by PID 1, start it with setsid)"};
    }
    return Parent{at_start};
}

Parent Parent::ignore() {
    return Parent{0};
}

bool Parent::is_gone() const {
    return pid_ != 0 && ::getppid() != pid_;
}

}  // namespace ccci::launch
