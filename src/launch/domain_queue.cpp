#include "launch/domain_queue.hpp"

#include <fmt/format.h>

#include <utility>
#include <variant>
#include <vector>

#include "base/duration.hpp"
#include "launch/stop_run.hpp"
#include "run/run_dir.hpp"

namespace ccci::launch {

namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;
using std::chrono::system_clock;

std::string describe_queue(int waiters) {
    if (waiters == 0) {
        return "nobody before us";
    }
    return waiters == 1 ? "one waits before us" : fmt::format("{} wait before us", waiters);
}

run::Verdict not_acquired(std::string reason) {
    return {run::VerdictKind::refused, run::exit_code::not_acquired, std::move(reason)};
}

std::vector<std::string> arguments_of(const Order& order, const run::Record& us) {
    std::vector<std::string> arguments{"--domain=" + order.domain, "--run=" + us.run,
                                       "--user=" + us.user};
    if (!us.unit.empty()) {
        arguments.push_back("--unit=" + us.unit);
    }
    if (order.wait_timeout == 0us) {
        arguments.emplace_back("--no-wait");
    }
    if (order.supersede) {
        arguments.emplace_back("--supersede");
    }
    if (has_own_teardown(order)) {
        arguments.emplace_back("--own-teardown");
    }
    return arguments;
}

}  // namespace

locks::Holder holder_of(const Order& order, const run::Record& us) {
    return {.run = us.run,
            .unit = us.unit,
            .invocation = "",
            .user = us.user,
            .since = system_clock::now(),
            .until = std::nullopt,
            .own_teardown = has_own_teardown(order)};
}

DomainQueue::DomainQueue(event::Loop& loop, const Order& order, const run::Record& us, Calls calls)
    : loop_{loop}, order_{order}, us_{us}, calls_{std::move(calls)} {}

void DomainQueue::enter() {
    auto result = locks::DomainLock::try_acquire(order_.lock_dir, order_.domain);
    if (auto* lock = std::get_if<locks::DomainLock>(&result)) {
        go_on(std::move(*lock));
        return;
    }
    auto& busy = std::get<locks::Busy>(result);
    if (order_.wait_timeout == 0us) {
        refuse(not_acquired(fmt::format("{} is taken: {}", order_.domain,
                                        describe(busy.holder, system_clock::now()))));
        return;
    }
    wait(std::move(busy));
}

void DomainQueue::wait(locks::Busy busy) {
    say_who_holds(busy);
    if (order_.supersede) {
        supersede(busy.holder);
    }
    waiting_.emplace(std::move(busy));
    moved_ = loop_.on_io(waiting_->pidfd(), EPOLLIN, [this](std::uint32_t) { on_moved(); });
    limit_the_wait();
}

void DomainQueue::limit_the_wait() {
    if (order_.wait_timeout && *order_.wait_timeout > 0us && !limit_) {
        limit_ = loop_.after(*order_.wait_timeout, [this] {
            refuse(not_acquired(fmt::format("gave up after {} of waiting for {}: {}",
                                            base::format_duration(*order_.wait_timeout),
                                            order_.domain, describe_holder())));
        });
    }
}

std::string DomainQueue::describe_holder() const {
    const auto now = system_clock::now();
    if (waiting_) {
        return describe(waiting_->busy().holder, now);
    }
    if (claim_ && claim_->place().holder) {
        return lease::describe(*claim_->place().holder, now);
    }
    return "the lock of all hosts is asked for";
}

void DomainQueue::say_who_holds(const locks::Busy& busy) {
    calls_.on_waiting(busy.holder ? busy.holder->run : "somebody");
    calls_.tell(fmt::format("waiting for {}: {}; {}", order_.domain,
                            describe(busy.holder, system_clock::now()),
                            describe_queue(locks::count_waiters(busy.fd.get()))));
}

void DomainQueue::supersede(const std::optional<locks::Holder>& holder) {
    // Whoever came to this domain before us would run an older state of the same app. Who of them
    // has the lock may change at any moment, and what the file says of it comes a moment later.
    for (const run::RunDir& other : run::RunDir::all(order_.runs_dir)) {
        const auto record = other.read();
        if (!record || record->domain != order_.domain || record->run == us_.run ||
            record->state == run::State::ended) {
            continue;
        }
        const bool holds = holder && holder->run == record->run;
        if (!holds && !came_before(*record, us_)) {
            continue;
        }
        const auto result =
            stop_run(other, *record,
                     {run::StopCause::superseded, fmt::format("superseded by run {}", us_.run)});
        if (result == StopResult::asked) {
            calls_.tell(fmt::format("superseding run {}", record->run));
        }
    }
}

void DomainQueue::on_moved() {
    moved_.reset();
    std::optional<locks::DomainLock> lock = waiting_->finish();
    if (!lock) {
        say_who_holds(waiting_->busy());
        moved_ = loop_.on_io(waiting_->pidfd(), EPOLLIN, [this](std::uint32_t) { on_moved(); });
        return;
    }
    waiting_.reset();
    const auto waited =
        std::chrono::duration_cast<std::chrono::microseconds>(steady_clock::now() - began_);
    calls_.tell(fmt::format("lock acquired after {}", base::format_duration(waited)));
    go_on(std::move(*lock));
}

void DomainQueue::go_on(locks::DomainLock lock) {
    lock_ = std::move(lock);
    if (order_.cluster_lock) {
        limit_the_wait();
        lock_->write_holder(holder_of(order_, us_));
        make_claim();
    } else {
        acquired(std::nullopt, false);
    }
}

void DomainQueue::make_claim() {
    claim_.emplace(
        loop_, *order_.cluster_lock, arguments_of(order_, us_), order_.domain,
        ClusterClaim::Calls{.on_queued = [this](const lease::Queued& place) { on_place(place); },
                            .on_held =
                                [this](run::Lease lease, bool had_predecessor) {
                                    acquired(std::move(lease), had_predecessor);
                                },
                            .on_refused =
                                [this](const lease::Refused& refusal) {
                                    refuse(refusal.taken ? not_acquired(refusal.reason)
                                                         : run::Verdict{run::VerdictKind::refused,
                                                                        run::exit_code::internal,
                                                                        refusal.reason});
                                },
                            .on_superseded =
                                [this](const lease::Claimant& by) {
                                    refuse({run::VerdictKind::superseded, run::exit_code::cancelled,
                                            fmt::format("superseded by {}", lease::name(by))});
                                },
                            .tell = calls_.tell});
}

void DomainQueue::on_place(const lease::Queued& place) {
    if (over_) {
        return;
    }
    calls_.on_waiting(place.holder ? lease::name(*place.holder) : "somebody");
    // The holder waits no more.
    calls_.tell(fmt::format("waiting for {}: {}; {}", order_.domain, describe_holder(),
                            describe_queue(static_cast<int>(place.before) - 1)));
}

void DomainQueue::acquired(std::optional<run::Lease> lease, bool had_predecessor) {
    if (over_) {
        return;
    }
    over_ = true;
    limit_.reset();
    Acquired domain{.lock = *std::exchange(lock_, std::nullopt),
                    .lease = std::move(lease),
                    .had_predecessor = had_predecessor};
    domain.had_predecessor = domain.had_predecessor || domain.lock.had_predecessor();
    calls_.on_acquired(std::move(domain));
}

void DomainQueue::refuse(run::Verdict verdict) {
    if (!over_) {
        calls_.on_refused(std::move(verdict));
    }
}

void DomainQueue::give_up() {
    over_ = true;
    moved_.reset();
    limit_.reset();
    waiting_.reset();
    if (claim_) {
        claim_->withdraw();
    }
    if (!lock_) {
        return;
    }
    if (lock_->had_predecessor()) {
        std::move(*lock_).leave();
    } else {
        std::move(*lock_).release();
    }
    lock_.reset();
}

}  // namespace ccci::launch
