#include "recipe/test_report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <pugixml.hpp>

#include "base/text.hpp"

namespace ccci::recipe {

namespace {

/// What counts stands at the beginning of a line.
constexpr std::size_t k_longest_line = 4096;
/// Nobody writes more tests than this, and sums stay far from the end of int.
constexpr int k_most_checks = 1'000'000;

std::optional<int> read_plan(std::string_view line) {
    constexpr std::string_view k_begin = "1..";
    if (!line.starts_with(k_begin)) {
        return std::nullopt;
    }
    const char* const end = line.data() + line.size();
    int count = 0;
    const auto [rest, error] = std::from_chars(line.data() + k_begin.size(), end, count);
    const bool whole = rest == end || *rest == ' ' || *rest == '#';
    if (error != std::errc{} || !whole || count < 0 || count > k_most_checks) {
        return std::nullopt;
    }
    return count;
}

/// "ok 3 - text # SKIP why": SKIP, in capitals; empty: none.
std::string directive(std::string_view line) {
    const std::size_t mark = line.rfind('#');
    if (mark == std::string_view::npos) {
        return {};
    }
    std::string word{base::trim(line.substr(mark + 1)).substr(0, 4)};
    std::ranges::transform(word, word.begin(), [](char c) {
        return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    });
    return word;
}

bool is_result(std::string_view line, std::string_view word) {
    return line.starts_with(word) && (line.size() == word.size() || line[word.size()] == ' ');
}

}  // namespace

void TapReader::feed(std::string_view output) {
    while (!output.empty()) {
        const std::size_t end = output.find('\n');
        const std::string_view part = output.substr(0, end);
        line_ += part.substr(0, k_longest_line - std::min(line_.size(), k_longest_line));
        if (end == std::string_view::npos) {
            return;
        }
        read_line(line_);
        line_.clear();
        output.remove_prefix(end + 1);
    }
}

void TapReader::read_line(std::string_view line) {
    if (line.ends_with('\r')) {
        line.remove_suffix(1);
    }
    if (const auto plan = read_plan(line)) {
        plan_ = plan;
    }
    bailed_out_ = bailed_out_ || line.starts_with("Bail out!");
    const bool ok = is_result(line, "ok");
    if ((!ok && !is_result(line, "not ok")) || checks_.total() >= k_most_checks) {
        return;
    }
    const std::string mark = directive(line);
    if (mark == "SKIP") {
        ++checks_.skipped;
    } else if (ok || mark == "TODO") {
        ++checks_.passed;
    } else {
        ++checks_.failed;
    }
}

std::optional<Checks> TapReader::result() {
    read_line(line_);
    line_.clear();
    if (!plan_) {
        return std::nullopt;
    }
    Checks checks = checks_;
    checks.failed += std::max(0, *plan_ - checks.total());
    if (bailed_out_ && checks.failed == 0) {
        checks.failed = 1;
    }
    return checks;
}

std::optional<Checks> read_junit(const std::string& text) {
    pugi::xml_document document;
    if (!document.load_buffer(text.data(), text.size(), pugi::parse_default)) {
        return std::nullopt;
    }
    const std::string_view root = document.document_element().name();
    if (root != "testsuites" && root != "testsuite") {
        return std::nullopt;
    }
    struct Counter : pugi::xml_tree_walker {
        Checks checks;
        bool for_each(pugi::xml_node& node) override {
            if (std::string_view{node.name()} != "testcase") {
                return true;
            }
            if (node.child("failure") || node.child("error")) {
                ++checks.failed;
            } else if (node.child("skipped")) {
                ++checks.skipped;
            } else {
                ++checks.passed;
            }
            return checks.total() < k_most_checks;
        }
    } counter;
    document.traverse(counter);
    return counter.checks;
}

std::string describe(const Checks& checks) {
    const std::string all =
        fmt::format("{} check{}", checks.total(), checks.total() == 1 ? "" : "s");
    return checks.failed > 0 ? fmt::format("{} of {} failed", checks.failed, all) : all;
}

}  // namespace ccci::recipe
