#include "bridge/wording.hpp"

#include <fmt/format.h>

#include "base/duration.hpp"
#include "bridge/markdown.hpp"

namespace ccci::bridge {

namespace {

/// Of a pull request, beside the newest errand.
constexpr std::size_t k_most_earlier = 3;
constexpr std::size_t k_short_commit = 10;

bool is_quick(const Errand& errand) {
    return errand.lane == naming::Lane::quick;
}

std::string short_commit(const Errand& errand) {
    return errand.commit.substr(0, k_short_commit);
}

std::string link_to_run(const Errand& errand, const Places& places) {
    const std::string place = place_of(errand, places);
    return place.empty() ? "" : fmt::format("[run {}]({})", errand.build, place);
}

/// The run, the commit, who asked: what does not change any more.
std::string about(const Errand& errand, const Places& places) {
    std::vector<std::string> parts;
    if (const std::string link = link_to_run(errand, places); !link.empty()) {
        parts.push_back(link);
    }
    if (!errand.commit.empty()) {
        parts.push_back("commit " + code(short_commit(errand)));
    }
    parts.push_back("asked for by " + code(errand.author));
    return fmt::format("{}", fmt::join(parts, ", "));
}

std::string heading(const Errand& errand, const Places& places) {
    std::string text = fmt::format("**{}{}**", state_of(errand),
                                   is_quick(errand) ? " (quick, lower confidence)" : "");
    if (errand.result) {
        if (errand.result->took > std::chrono::seconds{0}) {
            text += " after " + base::format_duration(errand.result->took);
        }
        const std::string reason = code(errand.result->reason);
        text += reason.empty() ? "" : ": " + reason;
    } else if (!errand.progress.empty()) {
        text += ": " + code(errand.progress);
    }
    text += "\n" + about(errand, places) + "\n";
    if (!errand.trouble.empty() && !errand.result) {
        text += "\nIt does not go on: " + code(errand.trouble) + ". It is tried again.\n";
    }
    return text;
}

std::string table(const Summary& summary) {
    if (summary.tiers.empty()) {
        return "";
    }
    std::string text = "\n| tier | result | time | |\n|---|---|---|---|\n";
    for (const TierLine& tier : summary.tiers) {
        const std::chrono::microseconds took{static_cast<std::int64_t>(tier.seconds * 1e6)};
        const std::string time = took.count() > 0 ? base::format_duration(took) : "";
        text += fmt::format("| {} | {} | {} | {} |\n", tier.tier, tier.result, time,
                            code(tier.message));
    }
    return text;
}

std::string earlier_line(const Errand& errand, const Places& places) {
    return fmt::format("- {}{}: {}\n", state_of(errand), is_quick(errand) ? " (quick)" : "",
                       about(errand, places));
}

/// What the status says for an ending: a failure is the recipe's, an error is not.
std::string state_for(Ending ending) {
    switch (ending) {
        case Ending::passed:
            return "success";
        case Ending::failed:
        case Ending::deadline:
        case Ending::leftovers:
            return "failure";
        default:
            return "error";
    }
}

std::string description_of(const Errand& errand) {
    std::string text = state_of(errand);
    if (is_quick(errand)) {
        text += " (quick, lower confidence)";
    }
    if (errand.result && !errand.result->reason.empty()) {
        text += ": " + errand.result->reason;
    }
    return one_line(text);
}

}  // namespace

std::string_view headline(Ending ending) {
    switch (ending) {
        case Ending::passed:
            return "Passed";
        case Ending::failed:
            return "Failed";
        case Ending::cancelled:
            return "Cancelled";
        case Ending::superseded:
            return "Superseded by a newer run";
        case Ending::deadline:
            return "Stopped at the deadline";
        case Ending::killed:
            return "Killed";
        case Ending::out_of_memory:
            return "Ran out of memory";
        case Ending::fenced:
            return "Stopped, since its host had lost the domain's lock";
        case Ending::refused:
            return "Refused";
        case Ending::leftovers:
            return "Passed, but something was left behind";
        case Ending::error:
            return "Could not run";
        case Ending::skipped:
            return "Skipped";
        case Ending::not_started:
            return "Not started";
        case Ending::lost:
            return "Lost";
    }
    return "Lost";
}

std::string state_of(const Errand& errand) {
    if (errand.result) {
        std::string text{headline(errand.result->ending)};
        if (errand.result->summary && !errand.result->summary->level.empty() && !is_quick(errand)) {
            text += ", " + errand.result->summary->level;
        }
        return text;
    }
    return errand.is_running ? "Running" : "Queued";
}

std::string gist(const Errand& errand) {
    return fmt::format("{} {}{}", state_of(errand), errand.build,
                       errand.trouble.empty() ? "" : " in trouble");
}

std::string place_of(const Errand& errand, const Places& places) {
    if (errand.build == 0) {
        return "";
    }
    if (!places.dashboard.empty()) {
        return fmt::format("{}/runs/{}", places.dashboard,
                           errand.run.empty() ? std::to_string(errand.build) : errand.run);
    }
    return places.builds.empty() ? "" : fmt::format("{}/{}", places.builds, errand.build);
}

std::string comment_text(const std::vector<const Errand*>& errands, const Reply& reply,
                         const Places& places) {
    // A comment of HTML, which is not shown: it is how this comment is found again.
    std::string text = fmt::format("<!-- cc-ci {} -->\n", reply.marker);
    if (errands.empty()) {
        return text;
    }
    const Errand& newest = *errands.back();
    text += heading(newest, places);
    if (newest.result && newest.result->summary) {
        text += table(*newest.result->summary);
    }
    if (errands.size() > 1) {
        text += "\nBefore that:\n\n";
    }
    const std::size_t begin = errands.size() - 1;
    for (std::size_t back = 1; back <= std::min(begin, k_most_earlier); ++back) {
        text += earlier_line(*errands[begin - back], places);
    }
    return text;
}

gitea::CommitStatus commit_status(const Errand& errand, const Places& places) {
    return {.state = errand.result ? state_for(errand.result->ending) : "pending",
            .context = is_quick(errand) ? "cc-ci/quick" : "cc-ci",
            .description = description_of(errand),
            .url = place_of(errand, places)};
}

std::string fingerprint(const gitea::CommitStatus& status) {
    return fmt::format("{} {} {} {}", status.context, status.state, status.url, status.description);
}

}  // namespace ccci::bridge
