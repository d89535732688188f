#include "bridge/plan.hpp"

#include <algorithm>
#include <set>
#include <tuple>

namespace ccci::bridge {

namespace {

/// Nobody hears of a stranger's errand, so not before its author is known.
bool is_public(const Errand& errand) {
    return errand.step != Step::asked;
}

/// A moment later there is a build to tell of, or a trouble.
bool is_beginning(const Errand& errand) {
    return errand.step < Step::following && errand.trouble.empty();
}

class Planner {
public:
    Planner(const State& state, const Surroundings& surroundings, Time now)
        : state_{state}, surroundings_{surroundings}, now_{now} {}

    Plan make() {
        // Whatever fails again and again must not stand in the way of what does not.
        std::vector<const Errand*> errands;
        for (const Errand& errand : state_.errands) {
            errands.push_back(&errand);
        }
        std::ranges::stable_sort(errands, {}, &Errand::tries);
        for (const Errand* errand : errands) {
            plan_step(*errand);
        }
        plan_statuses();
        for (const auto& [pull_request, about] : by_pull_request()) {
            plan_reply(pull_request, about);
        }
        for (const auto& [repository, when] : surroundings_.next_poll) {
            if (is_due(std::max(when, surroundings_.forge.until))) {
                plan_.actions.emplace_back(Poll{repository});
            }
        }
        return std::move(plan_);
    }

private:
    /// Notes when it will be.
    bool is_due(Time when) {
        if (when <= now_) {
            return true;
        }
        plan_.next = std::min(plan_.next.value_or(when), when);
        return false;
    }

    bool is_due_at(const Errand& errand, const Hold& server) {
        return is_due(std::max(errand.next, server.until));
    }

    void plan_step(const Errand& errand) {
        if (errand.step < Step::following && errand.troubled_since &&
            is_due(*errand.troubled_since + surroundings_.timing.give_up)) {
            plan_.actions.emplace_back(GiveUp{errand.comment});
            return;
        }
        switch (errand.step) {
            case Step::asked:
                add_if_due<CheckAuthor>(errand, surroundings_.forge);
                break;
            case Step::allowed:
                add_if_due<LookUp>(errand, surroundings_.forge);
                break;
            case Step::ready:
                add_if_due<Start>(errand, surroundings_.drone);
                break;
            case Step::starting:
                // It is in this step when we look only if nobody saw the answer.
                add_if_due<FindBuild>(errand, surroundings_.drone);
                break;
            case Step::following:
                // A run says how it ended, whether Drone answers or not.
                if (is_due(errand.next)) {
                    plan_.actions.emplace_back(
                        Follow{errand.comment, surroundings_.drone.until <= now_});
                }
                break;
            case Step::over:
                break;
        }
    }

    template <typename What>
    void add_if_due(const Errand& errand, const Hold& server) {
        if (is_due_at(errand, server)) {
            plan_.actions.emplace_back(What{errand.comment});
        }
    }

    /// Of two errands about one commit only the newest speaks beside it.
    void plan_statuses() {
        std::set<std::tuple<std::string, std::string, std::string>> spoken;
        for (auto errand = state_.errands.rbegin(); errand != state_.errands.rend(); ++errand) {
            if (!is_public(*errand) || errand->commit.empty()) {
                continue;
            }
            const gitea::CommitStatus status = commit_status(*errand, surroundings_.places);
            const bool is_newest =
                spoken.emplace(errand->repository, errand->commit, status.context).second;
            if (is_newest && !is_beginning(*errand) &&
                fingerprint(status) != errand->shown_status && is_due(surroundings_.forge.until)) {
                plan_.actions.emplace_back(SetStatus{errand->comment});
            }
        }
    }

    std::map<PullRequest, std::vector<const Errand*>> by_pull_request() {
        std::map<PullRequest, std::vector<const Errand*>> about;
        for (const Errand& errand : state_.errands) {
            if (is_public(errand)) {
                about[pull_request_of(errand)].push_back(&errand);
            }
        }
        return about;
    }

    void plan_reply(const PullRequest& pull_request, const std::vector<const Errand*>& about) {
        const auto known = state_.replies.find(pull_request);
        const Reply reply = known == state_.replies.end() ? Reply{} : known->second;
        if (is_beginning(*about.back()) ||
            comment_text(about, reply, surroundings_.places) == reply.text) {
            return;
        }
        Time when = std::max(reply.next, surroundings_.forge.until);
        const bool is_progress = reply.comment != 0 && reply.told == gist(*about.back());
        if (is_progress) {
            when = std::max(when, reply.written + surroundings_.timing.edit_gap);
        }
        if (is_due(when)) {
            plan_.actions.emplace_back(WriteReply{pull_request});
        }
    }

    const State& state_;
    const Surroundings& surroundings_;
    Time now_;
    Plan plan_;
};

}  // namespace

std::vector<const Errand*> errands_about(const State& state, const PullRequest& pull_request) {
    std::vector<const Errand*> about;
    for (const Errand& errand : state.errands) {
        if (is_public(errand) && pull_request_of(errand) == pull_request) {
            about.push_back(&errand);
        }
    }
    return about;
}

Plan make_plan(const State& state, const Surroundings& surroundings, Time now) {
    return Planner{state, surroundings, now}.make();
}

}  // namespace ccci::bridge
