#pragma once

#include <sys/epoll.h>
#include <sys/signalfd.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <vector>

#include "base/unique_fd.hpp"

namespace ccci::event {

class Loop;

/// A callback registered with a Loop; destroying it unregisters the callback, also from within.
/// A default or moved-from object holds nothing. Must not outlive its loop.
class Source {
public:
    Source() noexcept = default;

    [[nodiscard]] explicit operator bool() const noexcept { return entry_ != nullptr; }
    void reset() noexcept { entry_.reset(); }

    /// Stops and resumes delivery.
    void enable(bool on);
    /// For an on_io source: what to wait for (EPOLLIN, EPOLLOUT).
    void set_events(std::uint32_t events);
    /// For an on_time source: arms it again.
    void set_time(std::chrono::steady_clock::time_point when);
    /// Called each time before the loop waits, while the source is enabled; may change events and
    /// times of any source.
    void before_waiting(std::function<void()> callback);

private:
    friend class Loop;
    struct Entry;
    struct Unregister {
        void operator()(Entry* entry) const noexcept;
    };
    std::unique_ptr<Entry, Unregister> entry_;
};

/// The one event loop of a process: descriptors, signals and timers over epoll(7). A callback that
/// throws ends run(), which throws that exception.
class Loop {
public:
    Loop();
    Loop(const Loop&) = delete;
    Loop& operator=(const Loop&) = delete;
    ~Loop();

    /// Blocks these signals in this thread; needed before on_signal() and before any child exists.
    static void block_signals(std::initializer_list<int> signals);

    /// The signal must be blocked.
    [[nodiscard]] Source on_signal(int signal,
                                   std::function<void(const signalfd_siginfo&)> callback);
    /// `fd` is borrowed and must outlive the source. At most one enabled source for each number.
    [[nodiscard]] Source on_io(int fd, std::uint32_t events,
                               std::function<void(std::uint32_t)> callback);
    /// Fires once at `when` (CLOCK_MONOTONIC), or up to a millisecond later.
    [[nodiscard]] Source on_time(std::chrono::steady_clock::time_point when,
                                 std::function<void()> callback);
    [[nodiscard]] Source after(std::chrono::microseconds span, std::function<void()> callback);

    /// Dispatches until stop(), which may have come before.
    void run();
    void stop() noexcept { stopped_ = true; }

private:
    friend class Source;

    [[nodiscard]] Source add(std::unique_ptr<Source::Entry> entry);
    void update_epoll(int operation, const Source::Entry& entry);
    void update_signals();
    void prepare();
    void wait_and_dispatch();
    void dispatch_signal();
    void dispatch_due_timer();
    [[nodiscard]] int milliseconds_to_next_timer() const;
    void forget_the_dead() noexcept;

    base::UniqueFd epoll_;
    base::UniqueFd signals_;
    /// Owned here, not by their sources: a callback may destroy the source that it belongs to.
    std::vector<std::unique_ptr<Source::Entry>> entries_;
    std::uint64_t last_id_ = 0;
    bool running_ = false;
    bool stopped_ = false;
};

}  // namespace ccci::event
