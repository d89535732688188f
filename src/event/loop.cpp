#include "event/loop.hpp"

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <limits>
#include <utility>

#include "base/os_error.hpp"

namespace ccci::event {

using std::chrono::steady_clock;

namespace {

/// What epoll calls the descriptor of all signals; entries count from one.
constexpr std::uint64_t k_signals = 0;

}  // namespace

struct Source::Entry {
    enum class Kind { io, signal, timer };

    Loop& loop;
    Kind kind;
    std::uint64_t id = 0;
    bool enabled = true;
    bool dead = false;

    int fd = -1;
    std::uint32_t events = 0;
    int signal = 0;
    steady_clock::time_point when = {};

    std::function<void(std::uint32_t)> on_io = {};
    std::function<void(const signalfd_siginfo&)> on_signal = {};
    std::function<void()> on_time = {};
    std::function<void()> prepare = {};
};

void Source::Unregister::operator()(Entry* entry) const noexcept {
    try {
        Source::Entry& doomed = *entry;
        doomed.dead = true;
        if (doomed.kind == Entry::Kind::io && doomed.enabled) {
            doomed.loop.update_epoll(EPOLL_CTL_DEL, doomed);
        } else if (doomed.kind == Entry::Kind::signal) {
            doomed.loop.update_signals();
        }
    } catch (...) {
        // The descriptor was closed before its source: the kernel has forgotten it already.
    }
    if (!entry->loop.running_) {
        entry->loop.forget_the_dead();
    }
}

void Source::enable(bool on) {
    if (std::exchange(entry_->enabled, on) == on) {
        return;
    }
    if (entry_->kind == Entry::Kind::io) {
        // Switched off is taken out: a hang-up is reported whatever is asked for (epoll_ctl(2)).
        entry_->loop.update_epoll(on ? EPOLL_CTL_ADD : EPOLL_CTL_DEL, *entry_);
    } else if (entry_->kind == Entry::Kind::signal) {
        entry_->loop.update_signals();
    }
}

void Source::set_events(std::uint32_t events) {
    if (std::exchange(entry_->events, events) != events && entry_->enabled) {
        entry_->loop.update_epoll(EPOLL_CTL_MOD, *entry_);
    }
}

void Source::set_time(steady_clock::time_point when) {
    entry_->when = when;
    entry_->enabled = true;
}

void Source::before_waiting(std::function<void()> callback) {
    entry_->prepare = std::move(callback);
}

Loop::Loop() : epoll_{::epoll_create1(EPOLL_CLOEXEC)} {
    if (!epoll_) {
        base::throw_errno(errno, "create event loop");
    }
}

Loop::~Loop() = default;

void Loop::block_signals(std::initializer_list<int> signals) {
    sigset_t set;
    (void)sigemptyset(&set);
    for (const int signal : signals) {
        (void)sigaddset(&set, signal);
    }
    if (::sigprocmask(SIG_BLOCK, &set, nullptr) != 0) {
        base::throw_errno(errno, "block signals");
    }
}

Source Loop::add(std::unique_ptr<Source::Entry> entry) {
    entry->id = ++last_id_;
    Source source;
    source.entry_.reset(entry.get());
    entries_.push_back(std::move(entry));
    return source;
}

Source Loop::on_signal(int signal, std::function<void(const signalfd_siginfo&)> callback) {
    Source source = add(std::make_unique<Source::Entry>(
        Source::Entry{.loop = *this, .kind = Source::Entry::Kind::signal}));
    source.entry_->signal = signal;
    source.entry_->on_signal = std::move(callback);
    update_signals();
    return source;
}

Source Loop::on_io(int fd, std::uint32_t events, std::function<void(std::uint32_t)> callback) {
    auto entry = std::make_unique<Source::Entry>(
        Source::Entry{.loop = *this, .kind = Source::Entry::Kind::io});
    entry->fd = fd;
    entry->events = events;
    entry->on_io = std::move(callback);
    entry->enabled = false;
    Source source = add(std::move(entry));
    source.enable(true);
    return source;
}

Source Loop::on_time(steady_clock::time_point when, std::function<void()> callback) {
    Source source = add(std::make_unique<Source::Entry>(
        Source::Entry{.loop = *this, .kind = Source::Entry::Kind::timer}));
    source.entry_->when = when;
    source.entry_->on_time = std::move(callback);
    return source;
}

Source Loop::after(std::chrono::microseconds span, std::function<void()> callback) {
    return on_time(steady_clock::now() + span, std::move(callback));
}

void Loop::update_epoll(int operation, const Source::Entry& entry) {
    epoll_event event{};
    event.events = entry.events;
    event.data.u64 = entry.id;
    if (::epoll_ctl(epoll_.get(), operation, entry.fd, &event) != 0) {
        base::throw_errno(errno, "watch descriptor {}", entry.fd);
    }
}

void Loop::update_signals() {
    sigset_t wanted;
    (void)sigemptyset(&wanted);
    for (const auto& entry : entries_) {
        if (entry->kind == Source::Entry::Kind::signal && entry->enabled && !entry->dead) {
            (void)sigaddset(&wanted, entry->signal);
        }
    }
    const bool is_new = !signals_;
    const int fd = ::signalfd(signals_.get(), &wanted, SFD_CLOEXEC | SFD_NONBLOCK);
    if (fd < 0) {
        base::throw_errno(errno, "watch signals");
    }
    if (is_new) {
        signals_.reset(fd);
        epoll_event event{};
        event.events = EPOLLIN;
        event.data.u64 = k_signals;
        if (::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event) != 0) {
            base::throw_errno(errno, "watch signals");
        }
    }
}

void Loop::run() {
    running_ = true;
    try {
        while (!stopped_) {
            prepare();
            if (!stopped_) {
                wait_and_dispatch();
            }
            forget_the_dead();
        }
    } catch (...) {
        running_ = false;
        stopped_ = false;
        forget_the_dead();
        throw;
    }
    running_ = false;
    stopped_ = false;
}

void Loop::prepare() {
    // By number: a callback may register another source.
    for (std::size_t i = 0; i < entries_.size() && !stopped_; ++i) {
        Source::Entry& entry = *entries_[i];
        if (entry.enabled && !entry.dead && entry.prepare) {
            entry.prepare();
        }
    }
}

void Loop::wait_and_dispatch() {
    // One event a turn: what its callback does to other sources is seen before their turn comes.
    // epoll hands out level-triggered events in rotation, so nobody is left out (epoll(7)).
    epoll_event event{};
    const int count = ::epoll_wait(epoll_.get(), &event, 1, milliseconds_to_next_timer());
    if (count < 0 && errno != EINTR) {
        base::throw_errno(errno, "wait for events");
    }
    if (count > 0 && event.data.u64 == k_signals) {
        dispatch_signal();
    } else if (count > 0) {
        const auto found = std::find_if(entries_.begin(), entries_.end(), [&](const auto& entry) {
            return entry->id == event.data.u64 && entry->enabled && !entry->dead;
        });
        if (found != entries_.end()) {
            (*found)->on_io(event.events);
        }
    }
    if (!stopped_) {
        dispatch_due_timer();
    }
}

void Loop::dispatch_signal() {
    signalfd_siginfo info{};
    if (::read(signals_.get(), &info, sizeof info) != sizeof info) {
        return;  // taken out of the mask since it was reported
    }
    for (std::size_t i = 0; i < entries_.size() && !stopped_; ++i) {
        Source::Entry& entry = *entries_[i];
        if (entry.kind == Source::Entry::Kind::signal && entry.enabled && !entry.dead &&
            static_cast<std::uint32_t>(entry.signal) == info.ssi_signo) {
            entry.on_signal(info);
        }
    }
}

void Loop::dispatch_due_timer() {
    Source::Entry* first = nullptr;
    for (const auto& entry : entries_) {
        if (entry->kind == Source::Entry::Kind::timer && entry->enabled && !entry->dead &&
            (first == nullptr || entry->when < first->when)) {
            first = entry.get();
        }
    }
    if (first != nullptr && first->when <= steady_clock::now()) {
        first->enabled = false;
        first->on_time();
    }
}

int Loop::milliseconds_to_next_timer() const {
    auto next = steady_clock::time_point::max();
    for (const auto& entry : entries_) {
        if (entry->kind == Source::Entry::Kind::timer && entry->enabled && !entry->dead) {
            next = std::min(next, entry->when);
        }
    }
    if (next == steady_clock::time_point::max()) {
        return -1;
    }
    const auto now = steady_clock::now();
    if (next <= now) {
        return 0;
    }
    // Rounded up: waking early would be a turn for nothing.
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(next - now).count();
    return static_cast<int>(std::min<std::int64_t>(left, std::numeric_limits<int>::max()));
}

void Loop::forget_the_dead() noexcept {
    entries_.erase(std::remove_if(entries_.begin(), entries_.end(),
                                  [](const auto& entry) { return entry->dead; }),
                   entries_.end());
}

}  // namespace ccci::event
