#include "recipe/junit.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <pugixml.hpp>
#include <sstream>

#include "base/duration.hpp"
#include "base/text.hpp"

namespace ccci::recipe {

namespace {

constexpr std::size_t k_longest_attribute = 10'000;

/// XML has no form for most control characters, not even an escaped one.
void set(pugi::xml_node node, const char* attribute, std::string_view text) {
    node.append_attribute(attribute) = base::printable(text, k_longest_attribute).c_str();
}

void set_time(pugi::xml_node node, std::chrono::microseconds took) {
    set(node, "time", fmt::format("{:.3f}", to_seconds(took)));
}

void add_mark(pugi::xml_node test_case, const char* kind, std::string_view message) {
    set(test_case.append_child(kind), "message", message);
}

void add_outcome(pugi::xml_node test_case, Outcome outcome, const std::string& message,
                 bool going_on) {
    switch (outcome) {
        case Outcome::pass:
        case Outcome::not_run:
            return;
        case Outcome::fail:
            add_mark(test_case, "failure", message);
            return;
        case Outcome::skip:
            add_mark(test_case, "skipped", message);
            return;
        case Outcome::unverified:
            if (going_on) {
                add_mark(test_case, "error", "not finished");
            } else {
                add_mark(test_case, "skipped", "an earlier tier ended the run");
            }
            return;
    }
}

pugi::xml_node add_case(pugi::xml_node suite, std::string_view group, std::string_view name,
                        std::chrono::microseconds took) {
    pugi::xml_node test_case = suite.append_child("testcase");
    set(test_case, "classname", group);
    set(test_case, "name", name);
    set_time(test_case, took);
    return test_case;
}

std::size_t count_marks(pugi::xml_node suite, const char* kind) {
    const auto cases = suite.children("testcase");
    return static_cast<std::size_t>(std::count_if(
        cases.begin(), cases.end(), [kind](pugi::xml_node each) { return each.child(kind); }));
}

void add_counts(pugi::xml_node suite) {
    const auto cases = suite.children("testcase");
    set(suite, "tests", fmt::format("{}", std::distance(cases.begin(), cases.end())));
    set(suite, "failures", fmt::format("{}", count_marks(suite, "failure")));
    set(suite, "errors", fmt::format("{}", count_marks(suite, "error")));
    set(suite, "skipped", fmt::format("{}", count_marks(suite, "skipped")));
}

/// A CI server compares suites of one name with each other.
std::string owner_of_suites(const Results& results) {
    return results.lane == naming::Lane::full
               ? results.recipe
               : fmt::format("{}.{}", results.recipe, naming::to_string(results.lane));
}

void add_suite(pugi::xml_node root, const Results& results, const TierResult& tier) {
    const std::string_view name = naming::to_string(tier.tier);
    const std::string group = fmt::format("{}.{}", owner_of_suites(results), name);
    pugi::xml_node suite = root.append_child("testsuite");
    set(suite, "name", group);
    set(suite, "timestamp", base::format_time(results.started));
    set_time(suite, tier.took);
    const pugi::xml_node itself = add_case(suite, group, name, tier.took);
    add_outcome(itself, tier.outcome, tier.message, results.phase == tier.tier);
    for (const TestResult& test : tier.tests) {
        add_outcome(add_case(suite, group, test.name, test.took), test.outcome, test.message,
                    false);
    }
    add_counts(suite);
}

/// What went wrong outside of every tier.
void add_error(pugi::xml_node root, const Results& results) {
    pugi::xml_node suite = root.append_child("testsuite");
    const std::string group = owner_of_suites(results) + ".run";
    set(suite, "name", group);
    add_mark(add_case(suite, group, "run", {}), "error", results.error);
    add_counts(suite);
}

}  // namespace

std::string to_junit(const Results& results) {
    pugi::xml_document document;
    pugi::xml_node declaration = document.append_child(pugi::node_declaration);
    set(declaration, "version", "1.0");
    set(declaration, "encoding", "UTF-8");
    pugi::xml_node root = document.append_child("testsuites");
    const std::string described = describe_lane(results.lane);
    const std::string lane = described.empty() ? "" : fmt::format(" ({})", described);
    set(root, "name", fmt::format("{} run {}{}", results.recipe, results.run_id, lane));
    for (const TierResult& tier : results.tiers) {
        if (tier.outcome != Outcome::not_run) {
            add_suite(root, results, tier);
        }
    }
    if (!results.error.empty()) {
        add_error(root, results);
    }
    std::ostringstream text;
    document.save(text, "  ");
    return text.str();
}

std::filesystem::path junit_file(const std::filesystem::path& run_dir) {
    return run_dir / "junit.xml";
}

}  // namespace ccci::recipe
