// claim_clock ENDPOINT TIMES: what it takes to get a domain that nobody has, beside one transaction
// of its own. TIMES lines of four numbers, nanoseconds each: a transaction that makes a key under a
// lease; a lease; a claim, as the keeper makes it, over the connection of these; and one over a
// connection of its own.

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "etcd/client.hpp"
#include "event/loop.hpp"
#include "keeper/tenure.hpp"
#include "run/lock_settings.hpp"

namespace {

using namespace ccci;
using std::chrono::steady_clock;

constexpr std::chrono::seconds k_ttl{60};

[[noreturn]] void fail(const std::string& what) {
    std::fprintf(stderr, "claim_clock: %s\n", what.c_str());
    std::exit(1);
}

template <typename Value>
Value take(const etcd::Answer<Value>& answer) {
    if (const auto* failure = std::get_if<etcd::Failure>(&answer)) {
        fail(failure->text);
    }
    return std::get<Value>(answer);
}

class Clock {
public:
    explicit Clock(std::string endpoint) : endpoint_{std::move(endpoint)} {
        lock_.ttl = k_ttl;
        lock_.endpoints = {endpoint_};
    }

    void round(int number) {
        std::int64_t lease = 0;
        const long grant = timed([&] {
            client_.grant(k_ttl, [&](const etcd::Answer<etcd::Lease>& answer) {
                lease = take(answer).id;
                loop_.stop();
            });
        });
        const long transaction = timed([&] {
            const std::string key = "/raw/" + std::to_string(number);
            client_.commit({.compares = {{.keys = etcd::Keys::one(key)}},
                            .then = {etcd::Put{.key = key, .value = k_value, .lease = lease}},
                            .otherwise = {}},
                           [&](const etcd::Answer<etcd::TransactionAnswer>& answer) {
                               (void)take(answer);
                               loop_.stop();
                           });
        });
        const long kept = claim("kept" + std::to_string(number), client_);
        etcd::Client fresh{loop_, {.endpoints = {endpoint_}}};
        const long own = claim("own" + std::to_string(number), fresh);
        std::printf("%ld %ld %ld %ld\n", transaction, grant, kept, own);
    }

private:
    long timed(const std::function<void()>& begin) {
        const auto start = steady_clock::now();
        begin();
        loop_.run();
        return std::chrono::nanoseconds{steady_clock::now() - start}.count();
    }

    long claim(const std::string& name, etcd::Client& client) {
        std::optional<keeper::Tenure> tenure;
        const long took = timed([&] {
            tenure.emplace(loop_, client, lock_,
                           keeper::Wish{.domain = name + ".ci.test", .claimant = {.run = name}},
                           [&](const lease::KeeperLine& line) {
                               if (std::holds_alternative<lease::Held>(line)) {
                                   loop_.stop();
                               } else if (std::holds_alternative<lease::Refused>(line)) {
                                   fail(std::get<lease::Refused>(line).reason);
                               } else if (std::holds_alternative<lease::Released>(line)) {
                                   loop_.stop();
                               }
                           });
        });
        (void)timed([&] { tenure->obey(lease::Order::release); });
        return took;
    }

    static inline const std::string k_value = std::string(150, 'x');  // as long as a claimant is

    std::string endpoint_;
    run::LockSettings lock_;
    event::Loop loop_;
    etcd::Client client_{loop_, {.endpoints = {endpoint_}}};
};

}  // namespace

int main(int argc, char** argv) {
    if (argc != 3) {
        std::fputs("usage: claim_clock ENDPOINT TIMES\n", stderr);
        return 2;
    }
    try {
        Clock clock{argv[1]};
        for (int number = 0; number < std::atoi(argv[2]); ++number) {
            clock.round(number);
        }
    } catch (const std::exception& error) {
        fail(error.what());
    }
    return 0;
}
