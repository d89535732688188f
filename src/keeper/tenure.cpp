#include "keeper/tenure.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <variant>

#include "lease/validity.hpp"

namespace ccci::keeper {

namespace {

using namespace std::chrono_literals;
using etcd::Failure;
using std::chrono::seconds;
using std::chrono::steady_clock;

/// etcd says at once that it has no leader; it must not be asked in a busy loop.
constexpr auto k_ask_again = 250ms;

const Failure* failure_of(const auto& answer) {
    return std::get_if<Failure>(&answer);
}

Entry entry_of(const Wish& wish, std::int64_t lease) {
    return {.value = encode(wish.claimant),
            .lease = lease,
            .wait = wish.wait,
            .marks = wish.marks,
            .own_teardown = wish.own_teardown};
}

std::string taken(const std::string& domain, const Queue& queue) {
    const auto& claims = queue.claims();
    if (claims.empty()) {
        return domain + " is taken";
    }
    return fmt::format("{} is taken: {}", domain,
                       describe(claims.begin()->second.claimant, std::chrono::system_clock::now()));
}

}  // namespace

Tenure::Tenure(event::Loop& loop, etcd::Client& client, run::LockSettings settings, Wish wish,
               Tell tell)
    : loop_{loop},
      client_{client},
      settings_{std::move(settings)},
      wish_{std::move(wish)},
      tell_{std::move(tell)} {
    ask();
}

Tenure::Tenure(event::Loop& loop, etcd::Client& client, run::LockSettings settings,
               const std::string& domain, const lease::Held& held, Tell tell)
    : loop_{loop},
      client_{client},
      settings_{std::move(settings)},
      wish_{.domain = domain, .claimant = {}},
      tell_{std::move(tell)},
      state_{State::held},
      lease_{held.lease},
      keys_{claim_keys(settings_.prefix, domain, held.lease)},
      held_{held} {
    live(settings_.ttl);
    watch();
}

void Tenure::ask() {
    state_ = State::asking;
    if (wish_.lease != 0) {
        lease_ = wish_.lease;
        keys_ = claim_keys(settings_.prefix, wish_.domain, lease_);
        const Entry entry = entry_of(wish_, lease_);
        client_.commit(enter(keys_, entry), while_alive([this](const auto& answer) {
                           entered(steady_clock::now(), answer);
                       }));
        return;
    }
    const auto sent = steady_clock::now();
    client_.grant(std::chrono::duration_cast<seconds>(settings_.ttl),
                  while_alive([this, sent](const etcd::Answer<etcd::Lease>& answer) {
                      if (const Failure* failure = failure_of(answer)) {
                          ask_failed(*failure);
                          return;
                      }
                      lease_ = std::get<etcd::Lease>(answer).id;
                      keys_ = claim_keys(settings_.prefix, wish_.domain, lease_);
                      const Entry entry = entry_of(wish_, lease_);
                      client_.commit(enter(keys_, entry),
                                     while_alive([this, sent](const auto& entered_answer) {
                                         entered(sent, entered_answer);
                                     }));
                  }));
}

void Tenure::ask_failed(const Failure& failure) {
    if (first_) {
        // A claim that may have been made goes with its lease, which nobody keeps alive.
        end(lease::Refused{failure.text, false});
        return;
    }
    tell_(lease::Trouble{failure.text});
    ask_again();
}

void Tenure::ask_again() {
    state_ = State::asking;
    alive_ = std::make_shared<bool>(true);
    // Later: we may be called by one of them.
    again_ = loop_.after(k_ask_again, [this] {
        life_.reset();
        watch_.reset();
        ask();
    });
}

void Tenure::entered(Life::Time sent, const etcd::Answer<etcd::TransactionAnswer>& answer) {
    if (const Failure* failure = failure_of(answer)) {
        ask_failed(*failure);
        return;
    }
    const auto& entered = std::get<etcd::TransactionAnswer>(answer);
    Queue before{keys_.domain};
    if (!entered.values.empty()) {
        before.replace(entered.values.front());
    }
    if (!entered.succeeded && !wish_.wait) {
        state_ = State::ending;
        last_line_ = lease::Refused{taken(wish_.domain, before), true};
        revoke();
        return;
    }
    first_ = false;
    if (entered.succeeded) {
        if (wish_.lease == 0) {
            tell_(lease::Valid{lease::valid_until(sent, settings_.ttl)});
        }
        had_own_teardown_ = before.has_own_teardown();
        hold({.lease = lease_,
              .revision = entered.revision,
              .had_predecessor = before.is_unfinished()});
    } else {
        state_ = State::waiting;
    }
    if (wish_.lease == 0) {
        live(settings_.ttl);
    }
    watch();
}

void Tenure::live(std::chrono::microseconds ttl) {
    life_.emplace(
        loop_, client_, lease_, ttl,
        Life::Calls{.on_valid = [this](Life::Time until) { tell_(lease::Valid{until}); },
                    .on_trouble = [this](const std::string& text) { tell_(lease::Trouble{text}); },
                    .on_gone = [this] { lose("its lease is gone from etcd"); }});
}

void Tenure::watch() {
    watch_.emplace(
        loop_, client_, keys_.domain,
        DomainWatch::Calls{
            .on_change = [this] { on_change(); },
            .on_trouble = [this](const Failure& failure) { tell_(lease::Trouble{failure.text}); }});
}

void Tenure::on_change() {
    if (state_ != State::waiting && state_ != State::held && state_ != State::taking) {
        return;
    }
    const auto place = watch_->queue().place_of(keys_.claim);
    if (!place || (state_ == State::held && place->revision != held_.revision)) {
        lose("its claim is gone from etcd");
        return;
    }
    if (place->superseded_by && !std::exchange(superseded_, true)) {
        tell_(lease::Superseded{place->superseded_by->claimant});
    }
    if (state_ != State::waiting) {
        return;
    }
    if (place->before == 0) {
        held_ = {.lease = lease_,
                 .revision = place->revision,
                 .had_predecessor = watch_->queue().is_unfinished()};
        take();
        return;
    }
    const lease::Queued now{place->before,
                            place->holder ? std::optional{place->holder->claimant} : std::nullopt};
    if (now != std::exchange(queued_, now)) {
        tell_(now);
    }
}

void Tenure::take() {
    if (!wish_.marks) {
        hold(held_);
        return;
    }
    state_ = State::taking;
    client_.commit(mark_unfinished(keys_, held_.revision, entry_of(wish_, lease_)),
                   while_alive([this](const etcd::Answer<etcd::TransactionAnswer>& answer) {
                       if (state_ != State::taking) {
                           return;
                       }
                       if (const Failure* failure = failure_of(answer)) {
                           // Done twice it is the same.
                           tell_(lease::Trouble{failure->text});
                           again_ = loop_.after(k_ask_again, [this] { take(); });
                       } else if (std::get<etcd::TransactionAnswer>(answer).succeeded) {
                           hold(held_);
                       } else {
                           lose("its claim is gone from etcd");
                       }
                   }));
}

void Tenure::hold(const lease::Held& held) {
    state_ = State::held;
    held_ = held;
    tell_(held_);
}

void Tenure::lose(const std::string& reason) {
    if (state_ == State::held) {
        end(lease::Lost{reason});
    } else if (state_ == State::waiting || state_ == State::taking) {
        tell_(lease::Trouble{reason + ", asking anew"});
        ask_again();
    } else if (state_ == State::ending) {
        end(last_line_);
    }
}

void Tenure::obey(lease::Order order) {
    if (state_ == State::over || state_ == State::ending || order == lease::Order::carried) {
        return;
    }
    const bool holds = state_ == State::held || state_ == State::taking;
    // Who makes no marks, as a janitor, takes none away that only the next run can answer for.
    const bool may_release = wish_.marks || !had_own_teardown_;
    const bool clean = (order == lease::Order::release && may_release) ||
                       (order == lease::Order::withdraw && !held_.had_predecessor);
    again_.reset();
    if (lease_ == 0) {
        end(last_line_);
        return;
    }
    state_ = State::ending;
    if (holds && clean) {
        give_back();
    } else {
        revoke();
    }
}

void Tenure::give_back() {
    client_.commit(keeper::give_back(keys_, held_.revision),
                   while_alive([this](const etcd::Answer<etcd::TransactionAnswer>& answer) {
                       if (const Failure* failure = failure_of(answer)) {
                           tell_(lease::Trouble{failure->text});
                           again_ = loop_.after(k_ask_again, [this] { give_back(); });
                           return;
                       }
                       revoke();  // whoever comes next has it by now
                   }));
}

void Tenure::revoke() {
    if (wish_.lease != 0) {
        end(last_line_);
        return;
    }
    client_.revoke(lease_, while_alive([this](const etcd::Answer<std::monostate>& answer) {
                       const Failure* failure = failure_of(answer);
                       if (failure == nullptr || failure->kind == Failure::Kind::not_found) {
                           end(last_line_);
                           return;
                       }
                       tell_(lease::Trouble{failure->text});
                       again_ = loop_.after(k_ask_again, [this] { revoke(); });
                   }));
}

void Tenure::end(const lease::KeeperLine& line) {
    state_ = State::over;
    again_.reset();
    tell_(line);
}

}  // namespace ccci::keeper
