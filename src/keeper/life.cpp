#include "keeper/life.hpp"

#include <algorithm>
#include <utility>
#include <variant>

#include "lease/validity.hpp"

namespace ccci::keeper {

namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;

/// After one that failed: the fence comes nearer.
constexpr std::chrono::microseconds k_soon = 500ms;

}  // namespace

Life::Life(event::Loop& loop, etcd::Client& client, std::int64_t lease,
           std::chrono::microseconds ttl, Calls calls)
    : loop_{loop},
      client_{client},
      lease_{lease},
      interval_{lease::keep_alive_interval(ttl)},
      calls_{std::move(calls)} {
    ask();
}

void Life::ask() {
    const Time sent = steady_clock::now();
    client_.keep_alive(lease_, [this, sent, alive = std::weak_ptr{alive_}](
                                   const etcd::Answer<std::chrono::seconds>& answer) {
        if (!alive.expired()) {
            heard(sent, answer);
        }
    });
}

void Life::heard(Time sent, const etcd::Answer<std::chrono::seconds>& answer) {
    if (const auto* failure = std::get_if<etcd::Failure>(&answer)) {
        next_ = loop_.after(std::min(k_soon, interval_), [this] { ask(); });
        calls_.on_trouble(failure->text);
        return;
    }
    const auto ttl = std::get<std::chrono::seconds>(answer);
    if (ttl <= 0s) {
        calls_.on_gone();
        return;
    }
    // From the moment of sending: a slow answer must not make them drift together.
    next_ = loop_.on_time(sent + interval_, [this] { ask(); });
    calls_.on_valid(lease::valid_until(sent, ttl));
}

}  // namespace ccci::keeper
