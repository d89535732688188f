#include "bridge/errand_work.hpp"

#include <fmt/format.h>

#include "base/fail_point.hpp"
#include "base/text.hpp"
#include "bridge/backoff.hpp"
#include "bridge/judgement.hpp"
#include "bridge/markdown.hpp"
#include "bridge/run_search.hpp"
#include "run/names.hpp"
#include "run/usage_error.hpp"

namespace ccci::bridge {

namespace {

constexpr int k_most_pages = 10;

/// "owner/name#7"
std::string name_of(const Errand& errand) {
    return fmt::format("{}#{}", errand.repository, errand.pull_request);
}

/// Everything here ends up in the environment of a build's steps, and in a git command.
drone::Parameters parameters_of(const Errand& errand) {
    drone::Parameters parameters{
        {"RECIPE", run::check_recipe(recipe_of(errand.repository))},
        {"REF", run::check_ref(errand.commit)},
        {"PR", run::check_pull_request(std::to_string(errand.pull_request))},
        {"SRC", run::check_source(errand.source)},
        {k_trigger_parameter, std::to_string(errand.comment)}};
    if (errand.lane == naming::Lane::quick) {
        parameters.emplace_back("CCCI_QUICK", "1");
    }
    return parameters;
}

}  // namespace

ErrandWork::ErrandWork(Servers& servers, const Rules& rules, std::function<void()> save)
    : servers_{servers}, rules_{rules}, save_{std::move(save)} {}

void ErrandWork::clear_trouble(Errand& errand, Time now) {
    errand.trouble.clear();
    errand.troubled_since.reset();
    errand.tries = 0;
    errand.next = now;
}

void ErrandWork::note_trouble(Errand& errand, const std::string& reason, Time now) {
    errand.trouble = reason;
    errand.troubled_since = errand.troubled_since.value_or(now);
    ++errand.tries;
    errand.next = now + backoff(errand.tries, chance());
}

void ErrandWork::end(Errand& errand, const Result& result, Time now) {
    clear_trouble(errand, now);
    errand.step = Step::over;
    errand.progress.clear();
    errand.result = result;
    errand.ended = now;
    servers_.log().info(fmt::format("{}: {}{}{}", name_of(errand), to_string(result.ending),
                                    result.reason.empty() ? "" : ": ",
                                    base::printable(result.reason, 300)));
}

bool ErrandWork::check_author(Errand& errand, Time now) {
    bool may = false;
    bool is_outside = false;
    const auto failure = servers_.ask_forge(
        [&](gitea::Client& forge) {
            if (!rules_.organization.empty()) {
                const auto member = forge.is_member(rules_.organization, errand.author);
                is_outside = !member;
                may = member.value_or(false);
            }
            may = may || forge.is_collaborator(errand.repository, errand.author);
        },
        now);
    if (failure) {
        note_trouble(errand, failure->reason, now);
        return true;
    }
    if (is_outside) {
        servers_.log().warning(fmt::format(
            "the token's user is no member of {} and cannot see who is", rules_.organization));
    }
    if (!may) {
        servers_.log().info(fmt::format("{}: comment {} of {}, who may not have anything tested",
                                        name_of(errand), errand.comment,
                                        base::printable(errand.author)));
        return false;
    }
    clear_trouble(errand, now);
    errand.step = Step::allowed;
    return true;
}

void ErrandWork::look_up(Errand& errand, Time now) {
    gitea::Head head;
    const auto failure = servers_.ask_forge(
        [&](gitea::Client& forge) {
            head = forge.pull_request(errand.repository, errand.pull_request);
        },
        now);
    if (failure && !failure->is_passing) {
        end(errand, {.ending = Ending::not_started, .reason = failure->reason}, now);
        return;
    }
    if (failure) {
        note_trouble(errand, failure->reason, now);
        return;
    }
    errand.commit = head.commit;
    // Of a fork that is gone, the commits are still in the repository that it was to be merged
    // into.
    errand.source = head.repository.empty() ? errand.repository : head.repository;
    try {
        (void)parameters_of(errand);
    } catch (const run::UsageError& error) {
        errand.commit.clear();
        end(errand, {.ending = Ending::not_started, .reason = error.what()}, now);
        return;
    }
    if (!head.open) {
        end(errand,
            {.ending = Ending::not_started, .reason = "the pull request is closed or merged"}, now);
        return;
    }
    clear_trouble(errand, now);
    errand.step = Step::ready;
}

void ErrandWork::take_build(Errand& errand, const drone::Build& build, Time now) {
    clear_trouble(errand, now);
    errand.step = Step::following;
    errand.build = build.number;
    errand.progress = judge({.build = build}, now).progress;
    servers_.log().info(fmt::format("{}: build {} was started for {}, commit {}", name_of(errand),
                                    build.number, base::printable(errand.author), errand.commit));
}

void ErrandWork::start(Errand& errand, Time now) {
    const drone::Parameters parameters = parameters_of(errand);
    // Whoever is killed from here on finds the build by its parameter, if there is one.
    errand.step = Step::starting;
    errand.tried = now;
    save_();
    base::fail_point("bridge.intent.kept");
    std::optional<drone::Build> build;
    const auto failure = servers_.ask_drone(
        [&](drone::Client& drone) { build = drone.start(rules_.branch, parameters); }, now);
    base::fail_point("bridge.build.started");
    if (!failure && build) {
        take_build(errand, *build, now);
    } else if (!failure) {
        end(errand,
            {.ending = Ending::skipped,
             .reason = "Drone has skipped the build, as the message of the pipeline's own commit "
                       "asks for"},
            now);
    } else if (failure->is_doubtful) {
        note_trouble(errand, failure->reason, now);
    } else if (failure->is_passing || failure->status == 403 || failure->status == 404) {
        // Drone says 404 also when it cannot ask its forge for the branch.
        errand.step = Step::ready;
        note_trouble(errand, failure->reason, now);
    } else {
        end(errand, {.ending = Ending::not_started, .reason = failure->reason}, now);
    }
}

void ErrandWork::find_build(Errand& errand, Time now) {
    std::optional<drone::Build> build;
    const Time since = errand.tried.value_or(now) - std::chrono::minutes{10};
    const auto failure = servers_.ask_drone(
        [&](drone::Client& drone) {
            for (int page = 1; page <= k_most_pages && !build; ++page) {
                const std::vector<drone::Build> builds = drone.builds(page);
                build =
                    drone::find_build(builds, k_trigger_parameter, std::to_string(errand.comment));
                if (builds.empty() || builds.back().created < since) {
                    break;
                }
            }
        },
        now);
    if (failure) {
        note_trouble(errand, failure->reason, now);
    } else if (build) {
        take_build(errand, *build, now);
    } else if (const Time settled =
                   errand.tried.value_or(now) + servers_.surroundings().timing.settle;
               now < settled) {
        errand.next = settled;
    } else {
        errand.step = Step::ready;
        errand.next = now;
    }
}

void ErrandWork::follow(Errand& errand, bool may_ask, Time now) {
    // Of a build that Drone does not tell about now, nothing is known but that it was started.
    Sight sight;
    sight.build.emplace();
    sight.build->number = errand.build;
    sight.build->status = "running";
    std::optional<Failure> failure;
    if (may_ask) {
        failure = servers_.ask_drone(
            [&](drone::Client& drone) { sight.build = drone.build(errand.build); }, now);
        if (failure && failure->status == 404) {
            sight.build.reset();
        }
    }
    // After Drone: what it calls over has left its record by then.
    if (auto seen = find_run(rules_.runs_dir, errand)) {
        errand.run = seen->record.run;
        sight.record = std::move(seen->record);
        sight.summary = std::move(seen->summary);
    }
    const Judgement judgement = judge(sight, now);
    if (judgement.result) {
        end(errand, *judgement.result, now);
        return;
    }
    errand.is_running = judgement.is_running;
    errand.progress = one_line(judgement.progress);
    errand.next = now + std::chrono::duration_cast<Time::duration>(rules_.follow_every *
                                                                   (0.8 + 0.4 * chance()));
}

void ErrandWork::give_up(Errand& errand, Time now) {
    if (errand.step == Step::starting) {
        end(errand,
            {.ending = Ending::lost,
             .reason = "whether Drone has started a build is not known: " + errand.trouble},
            now);
    } else {
        end(errand, {.ending = Ending::not_started, .reason = errand.trouble}, now);
    }
}

}  // namespace ccci::bridge
