#include "bridge/bridge.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.hpp"

namespace ccci::bridge {

namespace {

using std::chrono::steady_clock;

constexpr std::chrono::milliseconds k_turn{250};
constexpr std::chrono::hours k_kept_for{24 * 7};
/// Without polling, how old a comment may be that a webhook brings when the bridge is new.
constexpr std::chrono::minutes k_delivery_is_slow{5};

template <typename... Functions>
struct Overloaded : Functions... {
    using Functions::operator()...;
};
template <typename... Functions>
Overloaded(Functions...) -> Overloaded<Functions...>;

}  // namespace

Bridge::Bridge(Store& store, gitea::Client& forge, drone::Client& drone, Rules rules, Places places,
               Log log, Time now)
    : store_{store},
      rules_{std::move(rules)},
      log_{std::move(log)},
      surroundings_{
          .forge = {}, .drone = {}, .next_poll = {}, .places = std::move(places), .timing = {}},
      servers_{forge, drone, surroundings_, log_},
      work_{servers_, rules_, [this] { save(); }},
      answering_{servers_, state_, [this] { save(); }} {
    Store::Kept kept = store_.load();
    state_ = std::move(kept.state);
    for (const Arrival& arrival : kept.arrivals) {
        (void)admit(state_, arrival.comment, arrival.delivery, rules_.repositories);
    }
    greet_repositories(now);
    // What was waited for, and who was in trouble, may be different after a restart.
    for (Errand& errand : state_.errands) {
        errand.next = std::min(errand.next, now);
    }
    save();
}

void Bridge::greet_repositories(Time now) {
    for (const std::string& name : rules_.repositories) {
        Repository& repository = state_.repositories[name];
        if (rules_.poll_every.count() > 0) {
            surroundings_.next_poll[name] = now;
        } else if (!repository.floor) {
            repository.floor = now - k_delivery_is_slow;
        }
    }
}

Admission Bridge::take(const gitea::Comment& comment, const std::string& delivery) {
    const Admission admission = admit(state_, comment, delivery, rules_.repositories);
    if (admission == Admission::admitted) {
        store_.append({.comment = comment, .delivery = delivery});
    }
    return admission;
}

Errand* Bridge::find(std::int64_t comment) {
    const auto found = std::ranges::find(state_.errands, comment, &Errand::comment);
    return found == state_.errands.end() ? nullptr : &*found;
}

void Bridge::save() {
    if (state_ != saved_) {
        store_.save(state_);
        saved_ = state_;
    }
}

void Bridge::perform(const Action& action, Time now) {
    const auto with_errand = [&](std::int64_t comment, const auto& work) {
        if (Errand* errand = find(comment)) {
            work(*errand);
        }
    };
    const auto forget = [&](std::int64_t comment) {
        std::erase_if(state_.errands,
                      [&](const Errand& errand) { return errand.comment == comment; });
    };
    std::visit(
        Overloaded{
            [&](const CheckAuthor& todo) {
                with_errand(todo.comment, [&](Errand& errand) {
                    if (!work_.check_author(errand, now)) {
                        forget(todo.comment);
                    }
                });
            },
            [&](const LookUp& todo) {
                with_errand(todo.comment, [&](Errand& errand) { work_.look_up(errand, now); });
            },
            [&](const Start& todo) {
                with_errand(todo.comment, [&](Errand& errand) { work_.start(errand, now); });
            },
            [&](const FindBuild& todo) {
                with_errand(todo.comment, [&](Errand& errand) { work_.find_build(errand, now); });
            },
            [&](const Follow& todo) {
                with_errand(todo.comment,
                            [&](Errand& errand) { work_.follow(errand, todo.may_ask, now); });
            },
            [&](const GiveUp& todo) {
                with_errand(todo.comment, [&](Errand& errand) {
                    // Nobody knows whether its author may be answered.
                    const bool is_public = errand.step != Step::asked;
                    work_.give_up(errand, now);
                    if (!is_public) {
                        forget(todo.comment);
                    }
                });
            },
            [&](const SetStatus& todo) {
                with_errand(todo.comment,
                            [&](Errand& errand) { answering_.set_status(errand, now); });
            },
            [&](const WriteReply& todo) { answering_.write_reply(todo.pull_request, now); },
            [&](const Poll& todo) {
                surroundings_.next_poll[todo.repository] =
                    now + std::chrono::duration_cast<Time::duration>(rules_.poll_every *
                                                                     (0.8 + 0.4 * chance()));
                poll(
                    todo.repository, state_.repositories[todo.repository], servers_,
                    [&](const gitea::Comment& comment) {
                        (void)admit(state_, comment, "", rules_.repositories);
                    },
                    now);
            },
        },
        action);
}

std::optional<Time> Bridge::act(Time now) {
    const auto end = steady_clock::now() + k_turn;
    prune(state_, now - k_kept_for);
    const Plan plan = make_plan(state_, surroundings_, now);
    for (const Action& action : plan.actions) {
        // A server that has just failed is not asked for the next one.
        const bool is_held = surroundings_.forge.until > now || surroundings_.drone.until > now;
        perform(action, now);
        if (steady_clock::now() >= end ||
            is_held != (surroundings_.forge.until > now || surroundings_.drone.until > now)) {
            break;
        }
    }
    save();
    return plan.actions.empty() ? plan.next : std::optional{now};
}

}  // namespace ccci::bridge
