#include "platform/convergence.hpp"

#include <nlohmann/json.hpp>

#include "fuzz/fuzz.hpp"

// Services and tasks as the engine tells of them, two arrays in an array. A json::exception, or
// facts on which all judgements agree.

namespace ccci::fuzz {

namespace {

using nlohmann::json;

platform::Snapshot read(const json& services, const json& tasks) {
    platform::Snapshot snapshot;
    for (const json& service : services) {
        snapshot.services.push_back(platform::parse_service(service, "app"));
    }
    for (const json& task : tasks) {
        snapshot.tasks.push_back(platform::parse_task(task));
    }
    return snapshot;
}

void check_judgements(const platform::Snapshot& before, const platform::Snapshot& now) {
    const auto settled = platform::settle_time(before, now);
    const platform::Convergence judgement = platform::judge(before, now, settled);
    require(judgement.ok() == platform::missing_services(before, now).empty(),
            "converged is when nothing is missing");
    require(!judgement.ok() || !platform::is_hopeless(now), "what is converged is not hopeless");
    require(settled.count() == 0 ||
                !platform::judge(before, now, settled - std::chrono::milliseconds{1}).ok(),
            "what has not settled is not converged");
    platform::Steadiness steadiness;
    const auto first = steadiness.look(now, {});
    require(steadiness.look(now, first + std::chrono::seconds{1}) == first, "nothing has changed");
    require(platform::settle_time(before, now).count() >= 0, "a time");
}

}  // namespace

void check(std::string_view input) {
    const json all = json::parse(input, nullptr, false);
    platform::Snapshot now;
    try {
        now = read(all.at(0), all.at(1));
    } catch (const json::exception&) {
        return;
    }
    check_judgements({}, now);
    check_judgements(now, now);
}

}  // namespace ccci::fuzz
