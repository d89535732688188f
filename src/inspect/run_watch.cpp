#include "inspect/run_watch.hpp"

#include <sys/inotify.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <optional>
#include <utility>

#include "base/os_error.hpp"
#include "launch/carried.hpp"

namespace ccci::inspect {

namespace {

/// How soon to ask again for the end of a unit: nothing tells us, who are not of its user.
constexpr std::chrono::milliseconds k_unit_pause{200};

base::UniqueFd watch_directory(const std::filesystem::path& path) {
    base::UniqueFd changes{::inotify_init1(IN_CLOEXEC | IN_NONBLOCK)};
    // The record is replaced as a whole. A job may make a lot of other files here.
    if (!changes || ::inotify_add_watch(changes.get(), path.c_str(),
                                        IN_MOVED_TO | IN_DELETE_SELF | IN_ONLYDIR) < 0) {
        base::throw_errno(errno, "watch run directory {}", path.native());
    }
    return changes;
}

void drain(int fd) {
    std::array<char, 4096> events;
    while (::read(fd, events.data(), events.size()) > 0) {
    }
}

/// Whether the run's unit is not over: ExecStopPost has things to say, too.
bool has_unit(uid_t owner, run::Record record) {
    record.state = run::State::tearing_down;
    record.step = std::nullopt;
    record.harness = std::nullopt;
    return launch::is_carried(owner, record);
}

}  // namespace

RunWatch::RunWatch(event::Loop& loop, const FoundRun& run,
                   std::function<void(const run::Record&)> on_change, std::function<void()> on_over,
                   Whose whose)
    : loop_{loop},
      run_{run},
      whose_{whose},
      on_change_{std::move(on_change)},
      on_over_{std::move(on_over)},
      changes_{watch_directory(run.dir.path())} {
    changed_ = loop.on_io(changes_.get(), EPOLLIN, [this](std::uint32_t) {
        drain(changes_.get());
        check();
    });
    check();
}

/// False: that process is no more.
bool RunWatch::follow(const std::optional<run::ProcessId>& process) {
    if (!process) {
        return false;
    }
    if (process_over_ && followed_ == process) {
        return process->is_alive();
    }
    // The pidfd first, then the look at the start time: what it names cannot change any more.
    base::UniqueFd pidfd{static_cast<int>(::syscall(SYS_pidfd_open, process->pid, 0))};
    if (!pidfd || !process->is_alive()) {
        return false;
    }
    process_over_.reset();
    pidfd_ = std::move(pidfd);
    followed_ = process;
    process_over_ = loop_.on_io(pidfd_.get(), EPOLLIN, [this](std::uint32_t) {
        process_over_.reset();
        check();
    });
    return true;
}

void RunWatch::check() {
    const auto record = read_visible(run_.dir, whose_);
    if (!record) {
        on_over_();
        return;
    }
    on_change_(*record);
    const bool ended = record->state == run::State::ended;
    if (follow(record->harness) || (!ended && follow(record->step))) {
        return;
    }
    if (has_unit(run_.owner, *record)) {
        again_ = loop_.after(k_unit_pause, [this] { check(); });
        return;
    }
    on_over_();
}

}  // namespace ccci::inspect
