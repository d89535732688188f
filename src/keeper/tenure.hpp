#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "etcd/client.hpp"
#include "keeper/domain_watch.hpp"
#include "keeper/life.hpp"
#include "keeper/transactions.hpp"
#include "lease/keeper_line.hpp"
#include "run/lock_settings.hpp"

namespace ccci::keeper {

/// What a tenure is to be of.
struct Wish {
    std::string domain;
    lease::Claimant claimant;
    bool wait = true;
    bool marks = true;
    bool own_teardown = false;
    /// A lease that somebody else keeps alive, and that the claim is to go with; 0: one of its own.
    std::int64_t lease = 0;
};

/// One claim on a domain, from the moment that it is asked for to the moment that it is given up.
///
/// What happens is told in the lines of lease/keeper_line.hpp, through `tell`: Queued whenever our
/// place changes, Held once, Valid at each keep-alive, Superseded, Trouble. The last one is
/// Refused, Lost or Released.
class Tenure {
public:
    using Tell = std::function<void(const lease::KeeperLine&)>;

    /// Asks for a domain. Where etcd cannot be asked at all, that is Refused; a place in the queue
    /// that is lost later is asked for anew.
    Tenure(event::Loop& loop, etcd::Client& client, run::LockSettings settings, Wish wish,
           Tell tell);
    /// Keeps what is held: by that lease, with a claim of that revision.
    Tenure(event::Loop& loop, etcd::Client& client, run::LockSettings settings,
           const std::string& domain, const lease::Held& held, Tell tell);
    Tenure(const Tenure&) = delete;
    Tenure& operator=(const Tenure&) = delete;
    ~Tenure() = default;

    /// Ends it; Released follows, or nothing for as long as etcd cannot be asked.
    void obey(lease::Order order);

    [[nodiscard]] bool is_over() const { return state_ == State::over; }

private:
    enum class State { asking, waiting, taking, held, ending, over };

    void ask();
    void entered(Life::Time sent, const etcd::Answer<etcd::TransactionAnswer>& answer);
    void ask_failed(const etcd::Failure& failure);
    void ask_again();
    void live(std::chrono::microseconds ttl);
    void watch();
    void on_change();
    void take();
    void hold(const lease::Held& held);
    void lose(const std::string& reason);
    void give_back();
    void revoke();
    void end(const lease::KeeperLine& line);
    /// Our answers come to nobody once we are gone or ask anew.
    template <typename Function>
    auto while_alive(Function function) {
        return [alive = std::weak_ptr{alive_}, function](const auto& answer) {
            if (!alive.expired()) {
                function(answer);
            }
        };
    }

    event::Loop& loop_;
    etcd::Client& client_;
    run::LockSettings settings_;
    Wish wish_;
    Tell tell_;
    State state_ = State::asking;
    bool first_ = true;  ///< nothing was ever had of etcd
    std::int64_t lease_ = 0;
    ClaimKeys keys_;
    lease::Held held_;
    lease::Queued queued_;
    bool superseded_ = false;
    bool had_own_teardown_ = false;  ///< one whose own command alone undoes what it did
    lease::KeeperLine last_line_ = lease::Released{};
    std::optional<Life> life_;
    std::optional<DomainWatch> watch_;
    event::Source again_;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace ccci::keeper
