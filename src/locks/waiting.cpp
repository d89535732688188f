#include "locks/waiting.hpp"

#include <signal.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "base/fail_point.hpp"
#include "locks/lock_error.hpp"

namespace ccci::locks {

Waiting::Waiting(Busy busy) : busy_{std::move(busy)} {
    start();
}

Waiting::~Waiting() {
    stop();
}

void Waiting::start() {
    const int fd = busy_.fd.get();
    auto block = [fd] {
        // What a terminal sends to the process group is for the step to answer.
        sigset_t all;
        (void)::sigfillset(&all);
        (void)::sigprocmask(SIG_BLOCK, &all, nullptr);
        // The step's output pipe must not be kept open by us for a moment longer than by the step.
        (void)::close(STDIN_FILENO);
        (void)::close(STDOUT_FILENO);
        (void)::close(STDERR_FILENO);
        while (::flock(fd, LOCK_EX) != 0) {
            if (errno != EINTR) {
                return 1;
            }
        }
        return 0;
    };
    child_.emplace(base::fork_function(block));
    base::fail_point("queue.joined");
}

void Waiting::stop() noexcept {
    if (!child_) {
        return;
    }
    try {
        child_->kill(SIGKILL);
        (void)child_->wait();
    } catch (...) {
        // Only if there is no such child, which is what we want.
    }
    child_.reset();
}

std::optional<DomainLock> Waiting::finish() {
    const base::ExitStatus status = child_->wait();
    child_.reset();
    if (!status.success()) {
        throw LockError{"the process that waited for the lock ended with " + describe(status)};
    }
    base::fail_point("queue.served");
    if (is_at_path(busy_.fd.get(), busy_.path)) {
        // It was left behind by a holder that did not get as far as unlinking it.
        const bool had_predecessor = has_content(busy_.fd.get());
        return DomainLock{std::move(busy_.fd), std::move(busy_.path), had_predecessor};
    }
    const std::optional<std::string> domain = domain_of(busy_.path);
    auto next = DomainLock::try_acquire(busy_.path.parent_path(), domain.value_or(""));
    if (auto* lock = std::get_if<DomainLock>(&next)) {
        return std::move(*lock);
    }
    // Those behind us wait for this file, or for an earlier one; they move on when we have our
    // turn.
    base::fail_point("queue.file-was-gone");
    outlived_.push_back(std::move(busy_.fd));
    busy_ = std::move(std::get<Busy>(next));
    start();
    return std::nullopt;
}

}  // namespace ccci::locks
