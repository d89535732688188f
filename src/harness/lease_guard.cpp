#include "harness/lease_guard.hpp"

#include <fmt/format.h>

#include <utility>
#include <variant>

#include "base/duration.hpp"

namespace ccci::harness {

namespace {

using namespace std::chrono_literals;
using lease::Standing;
using std::chrono::steady_clock;

/// A keeper that dies is started anew, not in a busy loop.
constexpr auto k_start_again = 500ms;
/// What cannot be given back in this time runs out by itself.
constexpr auto k_patience_with_keeper = 2s;

}  // namespace

LeaseGuard::LeaseGuard(event::Loop& loop, const run::Lease& lease, Calls calls)
    : loop_{loop},
      program_{.argv = lease.keeper.argv, .environment = lease.keeper.environment},
      validity_{lease.until, lease.margin},
      calls_{std::move(calls)} {
    start_keeper();
    arm();
}

void LeaseGuard::start_keeper() {
    try {
        keeper_.emplace(program_);
    } catch (const std::exception& error) {
        hear(lease::Trouble{error.what()});
        again_ = loop_.after(k_start_again, [this] { start_keeper(); });
        return;
    }
    calls_.on_keeper(keeper_->pid());
    lines_ = loop_.on_io(keeper_->fd(), EPOLLIN, [this](std::uint32_t) { on_lines(); });
}

void LeaseGuard::drop_keeper() {
    lines_.reset();
    keeper_.reset();
    calls_.on_keeper(0);
    if (releasing_) {
        clock_.reset();
    }
}

void LeaseGuard::on_lines() {
    for (const lease::KeeperLine& line : keeper_->read()) {
        std::visit([this](const auto& each) { hear(each); }, line);
        if (!keeper_) {
            return;
        }
    }
    if (keeper_->is_over()) {
        drop_keeper();
        if (!over_ && !releasing_) {
            again_ = loop_.after(k_start_again, [this] { start_keeper(); });
        }
    }
}

void LeaseGuard::hear(const lease::Valid& line) {
    validity_.extend(line.until);
    trouble_.clear();
    const bool first = !std::exchange(ready_, true);
    arm();
    if (first) {
        calls_.on_ready();
    }
}

void LeaseGuard::hear(const lease::Lost& line) {
    end(line.reason);
}

void LeaseGuard::hear(const lease::Superseded& line) {
    calls_.on_superseded(line.by);
}

void LeaseGuard::hear(const lease::Trouble& line) {
    // Each endpoint has words of its own: once is enough until it is over.
    if (std::exchange(trouble_, line.text).empty()) {
        calls_.tell(line.text);
    }
}

void LeaseGuard::hear(const lease::Released&) {
    drop_keeper();
}

void LeaseGuard::release() {
    releasing_ = true;
    again_.reset();
    if (keeper_) {
        keeper_->tell(lease::Order::release);
        clock_ = loop_.after(k_patience_with_keeper, [this] { drop_keeper(); });
    }
}

void LeaseGuard::arm() {
    if (over_ || releasing_) {
        return;
    }
    // After the fence the end is next; a run that was fenced once does not go on. And one that has
    // not begun has nothing to tear down: all of its lease is for the first confirmation.
    const auto next = fenced_ || !ready_ ? validity_.until() : validity_.fence_at();
    clock_ = loop_.on_time(next, [this] { look(); });
}

void LeaseGuard::look() {
    // On a busy host a confirmation may be here that nobody has had the time to read.
    if (keeper_) {
        on_lines();
    }
    if (over_ || releasing_) {
        return;
    }
    const Standing standing = validity_.at(steady_clock::now());
    if (standing == Standing::over) {
        end("its lease has run out");
        return;
    }
    if (standing == Standing::fenced && ready_ && !std::exchange(fenced_, true)) {
        const auto left = std::chrono::duration_cast<std::chrono::microseconds>(
            validity_.until() - steady_clock::now());
        calls_.on_fence(fmt::format("its lease is no longer kept alive, and runs out in {}{}{}",
                                    base::format_duration(left), trouble_.empty() ? "" : ": ",
                                    trouble_));
    }
    arm();
}

void LeaseGuard::end(const std::string& reason) {
    if (std::exchange(over_, true)) {
        return;
    }
    clock_.reset();
    again_.reset();
    calls_.on_over(reason);
}

}  // namespace ccci::harness
