#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <stdexcept>

#include "base/text.hpp"
#include "bridge/state.hpp"

namespace ccci::bridge {

namespace {

using nlohmann::json;

json time_or_null(const std::optional<Time>& time) {
    return time ? json(base::format_time(*time)) : json(nullptr);
}

Time time_from(const json& in) {
    const Time time = base::parse_time(in.get<std::string>());
    if (time > k_latest_time) {
        throw std::invalid_argument{"not a state of the bridge"};
    }
    return time;
}

std::optional<Time> optional_time_from(const json& in) {
    return in.is_null() ? std::nullopt : std::optional{time_from(in)};
}

json to_json(const Seen& seen) {
    return {{"comment", seen.comment},
            {"created", base::format_time(seen.created)},
            {"delivery", seen.delivery}};
}

Seen seen_from(const json& in) {
    return {.comment = in.at("comment").get<std::int64_t>(),
            .created = time_from(in.at("created")),
            .delivery = in.at("delivery").get<std::string>()};
}

json to_json(const Repository& repository) {
    json seen = json::array();
    for (const Seen& each : repository.seen) {
        seen.push_back(to_json(each));
    }
    return {{"floor", time_or_null(repository.floor)},
            {"cursor", base::format_time(repository.cursor)},
            {"seen", seen}};
}

Repository repository_from(const json& in) {
    Repository repository{.floor = optional_time_from(in.at("floor")),
                          .cursor = time_from(in.at("cursor")),
                          .seen = {}};
    for (const json& each : in.at("seen")) {
        repository.seen.push_back(seen_from(each));
    }
    return repository;
}

json to_json(const Summary& summary) {
    json tiers = json::array();
    for (const TierLine& tier : summary.tiers) {
        tiers.push_back({{"tier", tier.tier},
                         {"result", tier.result},
                         {"message", tier.message},
                         {"seconds", tier.seconds}});
    }
    return {{"lane", summary.lane}, {"level", summary.level}, {"tiers", tiers}};
}

Summary summary_from(const json& in) {
    Summary summary{.lane = in.at("lane").get<std::string>(),
                    .level = in.at("level").get<std::string>(),
                    .tiers = {}};
    for (const json& tier : in.at("tiers")) {
        summary.tiers.push_back({.tier = tier.at("tier").get<std::string>(),
                                 .result = tier.at("result").get<std::string>(),
                                 .message = tier.at("message").get<std::string>(),
                                 .seconds = tier.at("seconds").get<double>()});
    }
    return summary;
}

json to_json(const Result& result) {
    return {{"ending", to_string(result.ending)},
            {"reason", result.reason},
            {"took", result.took.count()},
            {"summary", result.summary ? to_json(*result.summary) : json(nullptr)}};
}

Result result_from(const json& in) {
    const auto ending = ending_from(in.at("ending").get<std::string>());
    if (!ending) {
        throw std::invalid_argument{"unknown ending"};
    }
    Result result{.ending = *ending,
                  .reason = in.at("reason").get<std::string>(),
                  .took = std::chrono::seconds{in.at("took").get<std::int64_t>()},
                  .summary = {}};
    if (const json& summary = in.at("summary"); !summary.is_null()) {
        result.summary = summary_from(summary);
    }
    return result;
}

json to_json(const Errand& errand) {
    return {{"comment", errand.comment},
            {"repository", errand.repository},
            {"pull_request", errand.pull_request},
            {"author", errand.author},
            {"quick", errand.lane == naming::Lane::quick},
            {"asked", base::format_time(errand.asked)},
            {"step", to_string(errand.step)},
            {"commit", errand.commit},
            {"source", errand.source},
            {"tried", time_or_null(errand.tried)},
            {"build", errand.build},
            {"run", errand.run},
            {"running", errand.is_running},
            {"progress", errand.progress},
            {"trouble", errand.trouble},
            {"troubled_since", time_or_null(errand.troubled_since)},
            {"tries", errand.tries},
            {"next", base::format_time(errand.next)},
            {"result", errand.result ? to_json(*errand.result) : json(nullptr)},
            {"ended", time_or_null(errand.ended)},
            {"shown_status", errand.shown_status}};
}

Errand errand_from(const json& in) {
    const auto step = step_from(in.at("step").get<std::string>());
    if (!step) {
        throw std::invalid_argument{"unknown step"};
    }
    Errand errand{
        .comment = in.at("comment").get<std::int64_t>(),
        .repository = in.at("repository").get<std::string>(),
        .pull_request = in.at("pull_request").get<std::int64_t>(),
        .author = in.at("author").get<std::string>(),
        .lane = in.at("quick").get<bool>() ? naming::Lane::quick : naming::Lane::full,
        .asked = time_from(in.at("asked")),
        .step = *step,
        .commit = in.at("commit").get<std::string>(),
        .source = in.at("source").get<std::string>(),
        .tried = optional_time_from(in.at("tried")),
        .build = in.at("build").get<std::int64_t>(),
        .run = in.at("run").get<std::string>(),
        .is_running = in.at("running").get<bool>(),
        .progress = in.at("progress").get<std::string>(),
        .trouble = in.at("trouble").get<std::string>(),
        .troubled_since = optional_time_from(in.at("troubled_since")),
        .tries = in.at("tries").get<int>(),
        .next = time_from(in.at("next")),
        .result = {},
        .ended = optional_time_from(in.at("ended")),
        .shown_status = in.at("shown_status").get<std::string>(),
    };
    if (const json& result = in.at("result"); !result.is_null()) {
        errand.result = result_from(result);
    }
    return errand;
}

json to_json(const PullRequest& pull_request, const Reply& reply) {
    return {{"repository", pull_request.first},
            {"pull_request", pull_request.second},
            {"comment", reply.comment},
            {"marker", reply.marker},
            {"making", time_or_null(reply.making)},
            {"text", reply.text},
            {"told", reply.told},
            {"written", base::format_time(reply.written)},
            {"tries", reply.tries},
            {"next", base::format_time(reply.next)}};
}

Reply reply_from(const json& in) {
    return {.comment = in.at("comment").get<std::int64_t>(),
            .marker = in.at("marker").get<std::string>(),
            .making = optional_time_from(in.at("making")),
            .text = in.at("text").get<std::string>(),
            .told = in.at("told").get<std::string>(),
            .written = time_from(in.at("written")),
            .tries = in.at("tries").get<int>(),
            .next = time_from(in.at("next"))};
}

State state_from(const json& in) {
    if (in.at("version") != 1) {
        throw std::invalid_argument{"another version"};
    }
    State state;
    for (const auto& [name, repository] : in.at("repositories").items()) {
        state.repositories[name] = repository_from(repository);
    }
    for (const json& errand : in.at("errands")) {
        state.errands.push_back(errand_from(errand));
    }
    for (const json& reply : in.at("replies")) {
        state.replies[{reply.at("repository").get<std::string>(),
                       reply.at("pull_request").get<std::int64_t>()}] = reply_from(reply);
    }
    return state;
}

}  // namespace

std::string encode(const State& state) {
    json out{{"version", 1},
             {"repositories", json::object()},
             {"errands", json::array()},
             {"replies", json::array()}};
    for (const auto& [name, repository] : state.repositories) {
        out["repositories"][name] = to_json(repository);
    }
    for (const Errand& errand : state.errands) {
        out["errands"].push_back(to_json(errand));
    }
    for (const auto& [pull_request, reply] : state.replies) {
        out["replies"].push_back(to_json(pull_request, reply));
    }
    // What a server or a run said need not be UTF-8.
    return out.dump(1, ' ', false, json::error_handler_t::replace) + "\n";
}

State decode_state(const std::string& text) {
    try {
        return state_from(json::parse(text));
    } catch (const std::exception&) {
        throw std::invalid_argument{"not a state of the bridge"};
    }
}

}  // namespace ccci::bridge
