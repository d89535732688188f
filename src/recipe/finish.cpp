#include "recipe/finish.hpp"

#include <fmt/format.h>

#include <cstdint>
#include <optional>
#include <stdexcept>
#include <utility>

#include <nlohmann/json.hpp>

#include "base/files.hpp"
#include "recipe/bounded_json.hpp"
#include "recipe/results.hpp"

namespace ccci::recipe {

namespace {

using json = nlohmann::json;

/// Ours are nested five deep.
constexpr int k_json_depth_limit = 100;

/// A discarded value when it is no JSON, or none of ours.
json parse_results(const std::string& text) {
    try {
        return parse_bounded_json(text, k_json_depth_limit);
    } catch (const std::invalid_argument&) {
        return json(json::value_t::discarded);
    }
}

json to_json(const Teardown& teardown) {
    if (const auto* error = std::get_if<std::string>(&teardown)) {
        return {{"clean", false},
                {"removed", json::object()},
                {"left", json::array()},
                {"seconds", 0.0},
                {"error", *error}};
    }
    const auto& report = std::get<platform::TeardownReport>(teardown);
    return {{"clean", report.clean()},
            {"removed", report.removed},
            {"left", report.left},
            {"seconds", to_seconds(report.took)},
            {"error", nullptr}};
}

/// The unit's ExecStopPost tears down once more and finds nothing: that must not hide what was
/// done. The job can write this file, so nothing about the earlier one is taken for granted.
json add_up(const json& earlier, json latest) {
    const json removed = earlier.value("removed", json());
    if (removed.is_object()) {
        for (const auto& [kind, count] : removed.items()) {
            if (count.is_number_integer() && count >= 0) {
                latest["removed"][kind] =
                    latest["removed"].value(kind, std::uint64_t{0}) + count.get<std::uint64_t>();
            }
        }
    }
    if (const json seconds = earlier.value("seconds", json()); seconds.is_number()) {
        latest["seconds"] = latest.at("seconds").get<double>() + seconds.get<double>();
    }
    return latest;
}

void set_teardown(json& part, const Teardown& teardown) {
    json latest = to_json(teardown);
    const json earlier = part.value("teardown", json());
    part["teardown"] = earlier.is_object() ? add_up(earlier, std::move(latest)) : latest;
}

json* find_dependency(json& results, const std::string& domain) {
    const auto list = results.find("dependencies");
    if (list != results.end() && list->is_array()) {
        for (json& entry : *list) {
            if (entry.is_object() && entry.value("domain", json()) == domain) {
                return &entry;
            }
        }
    }
    return nullptr;
}

}  // namespace

void finish_results(const std::filesystem::path& run_dir, const Teardown& teardown,
                    const std::vector<DependencyTeardown>& dependencies) {
    const std::filesystem::path file = results_file(run_dir);
    const std::optional<std::string> text = base::try_read_file(file);
    json results = text ? parse_results(*text) : json();
    if (!results.is_object()) {
        return;
    }
    set_teardown(results, teardown);
    for (const DependencyTeardown& each : dependencies) {
        if (json* const entry = find_dependency(results, each.domain)) {
            set_teardown(*entry, each.how);
        }
    }
    if (results.value("verdict", json()) == "running") {
        results["verdict"] = "unfinished";
    }
    write_results(run_dir, results);
}

}  // namespace ccci::recipe
