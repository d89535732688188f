#include "janitor/pass_json.hpp"

#include <nlohmann/json.hpp>

namespace ccci::janitor {

using nlohmann::json;

json to_json(const Pass& pass) {
    json result{{"version", 1},
                {"complete", pass.is_complete()},
                {"problems", pass.problems},
                {"candidates", json::array()}};
    for (const Outcome& outcome : pass.outcomes) {
        result["candidates"].push_back({{"domain", outcome.action.domain},
                                        {"action", to_string(outcome.action.act)},
                                        {"evidence", outcome.action.evidence},
                                        {"report", outcome.report},
                                        {"done", outcome.done}});
    }
    return result;
}

Pass parse_pass(std::string_view text) {
    const json document = json::parse(text);
    Pass pass;
    pass.problems = document.at("problems").get<std::vector<std::string>>();
    for (const json& candidate : document.at("candidates")) {
        Outcome outcome;
        outcome.action.domain = candidate.at("domain").get<std::string>();
        outcome.action.act = act_of(candidate.at("action").get<std::string>());
        outcome.action.evidence = candidate.at("evidence").get<std::string>();
        outcome.report = candidate.at("report").get<std::string>();
        outcome.done = candidate.at("done").get<bool>();
        pass.outcomes.push_back(std::move(outcome));
    }
    return pass;
}

}  // namespace ccci::janitor
