#pragma once

#include <signal.h>

namespace ccci::test {

/// Puts the signal mask and SIGPIPE's disposition back as they were: tests of what changes them
/// share a process.
class SignalState {
public:
    SignalState() {
        (void)::sigprocmask(SIG_SETMASK, nullptr, &mask_);
        (void)::sigaction(SIGPIPE, nullptr, &pipe_);
    }
    SignalState(const SignalState&) = delete;
    SignalState& operator=(const SignalState&) = delete;
    ~SignalState() {
        (void)::sigaction(SIGPIPE, &pipe_, nullptr);
        (void)::sigprocmask(SIG_SETMASK, &mask_, nullptr);
    }

private:
    sigset_t mask_{};
    struct sigaction pipe_ {};
};

}  // namespace ccci::test
