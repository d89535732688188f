#pragma once

#include <signal.h>
#include <unistd.h>

#include <cstdio>
#include <exception>
#include <stdexcept>
#include <utility>

#include "base/files.hpp"
#include "base/process.hpp"
#include "support/readiness.hpp"

namespace ccci::test {

/// Forks; the child dies with the test, and prints what its function threw, since an exit code
/// alone tells nobody anything. A test assertion in a child goes unheard: return a code instead.
template <typename Function>
base::Child fork_loudly(Function& function) {
    auto body = [&]() -> int {
        try {
            return function();
        } catch (const std::exception& error) {
            (void)std::fprintf(stderr, "child: %s\n", error.what());
            return 125;
        }
    };
    return base::fork_function(body);
}

/// Runs the function in a child, to the end: for what changes or ends a whole process.
template <typename Function>
base::ExitStatus run_in_child(Function function) {
    return fork_loudly(function).wait();
}

/// A child that lives on with all that it holds until it is killed. The constructor returns when
/// the child has done what it was given.
class ForkedChild {
public:
    template <typename Function>
    explicit ForkedChild(Function function) : child_{start(function)} {}
    ForkedChild(const ForkedChild&) = delete;
    ForkedChild& operator=(const ForkedChild&) = delete;
    ~ForkedChild() { kill_and_wait(); }

    [[nodiscard]] pid_t pid() const { return child_.pid(); }
    void signal(int number) const { child_.kill(number); }
    void kill_and_wait() {
        if (!std::exchange(reaped_, true)) {
            child_.kill(SIGKILL);
            (void)child_.wait();
        }
    }

private:
    template <typename Function>
    static base::Child start(Function& function) {
        Pipe ready;
        auto body = [&]() -> int {
            function();
            base::write_all(ready.write.get(), "x", "readiness");
            for (;;) {
                (void)::pause();
            }
        };
        base::Child child = fork_loudly(body);
        ready.write.reset();
        char byte = 0;
        if (!becomes_readable(ready.read.get()) || ::read(ready.read.get(), &byte, 1) != 1) {
            child.kill(SIGKILL);
            (void)child.wait();
            throw std::runtime_error{"the child ended before it was ready"};
        }
        return child;
    }

    base::Child child_;
    bool reaped_ = false;
};

/// A child that runs beside the test until its function returns a code.
class BackgroundChild {
public:
    template <typename Function>
    explicit BackgroundChild(Function function) : child_{fork_loudly(function)} {}
    BackgroundChild(const BackgroundChild&) = delete;
    BackgroundChild& operator=(const BackgroundChild&) = delete;
    ~BackgroundChild() {
        if (!reaped_) {
            child_.kill(SIGKILL);
            (void)child_.wait();
        }
    }

    [[nodiscard]] pid_t pid() const { return child_.pid(); }
    [[nodiscard]] int pidfd() const { return child_.pidfd(); }
    void signal(int number) const { child_.kill(number); }
    base::ExitStatus wait() {
        reaped_ = true;
        return child_.wait();
    }

private:
    base::Child child_;
    bool reaped_ = false;
};

}  // namespace ccci::test
