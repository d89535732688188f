#include "harness/post_lease.hpp"

#include <poll.h>

#include <algorithm>
#include <utility>
#include <variant>

namespace ccci::harness {

namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;

constexpr auto k_patience_at_the_end = 5s;

}  // namespace

PostLease::PostLease(const run::Lease& lease, std::function<void(const std::string&)> tell)
    : keeper_{{.argv = lease.keeper.argv, .environment = lease.keeper.environment}},
      tell_{std::move(tell)} {}

bool PostLease::confirm(Time latest) {
    while (!lost_ && until_ == Time::min() && fd() >= 0 && steady_clock::now() < latest) {
        wait(latest);
    }
    return steady_clock::now() < until();
}

void PostLease::wait(Time latest) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(latest - steady_clock::now());
    pollfd said{.fd = fd(), .events = POLLIN, .revents = 0};
    (void)::poll(&said, 1, static_cast<int>(std::clamp<std::int64_t>(left.count(), 0, 60'000)));
    listen();
}

void PostLease::listen() {
    for (const lease::KeeperLine& line : keeper_.read()) {
        if (const auto* valid = std::get_if<lease::Valid>(&line)) {
            until_ = std::max(until_, valid->until);
            reason_ = "its lease has run out";
        } else if (const auto* lost = std::get_if<lease::Lost>(&line)) {
            lost_ = true;
            reason_ = lost->reason;
        } else if (const auto* trouble = std::get_if<lease::Trouble>(&line)) {
            tell_(trouble->text);
        } else if (std::holds_alternative<lease::Released>(line)) {
            released_ = true;
        }
    }
}

void PostLease::end(bool clean) {
    keeper_.tell(clean ? lease::Order::release : lease::Order::leave);
    const Time latest = steady_clock::now() + k_patience_at_the_end;
    while (!released_ && !lost_ && fd() >= 0 && steady_clock::now() < latest) {
        wait(latest);
    }
}

}  // namespace ccci::harness
