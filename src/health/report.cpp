#include "health/report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/colour.hpp"
#include "base/duration.hpp"
#include "base/text.hpp"

namespace ccci::health {

namespace {

constexpr std::size_t k_longest = 1000;

std::string word_of(Status status, bool colour) {
    const std::string word =
        fmt::format("{:<7}", status == Status::failed ? "FAILED" : to_string(status));
    if (!colour) {
        return word;
    }
    switch (status) {
        case Status::ok:
            return base::paint(base::Colour::green, word);
        case Status::warning:
            return base::paint(base::Colour::yellow, word);
        case Status::failed:
            return base::paint(base::Colour::red, word);
        case Status::skipped:
            break;
    }
    return base::paint(base::Colour::dim, word);
}

std::string heading_of(const Fix& fix) {
    return fix.kind == Fix::Kind::command         ? "fix:  "
           : fix.kind == Fix::Kind::configuration ? "set:  "
                                                  : "do:   ";
}

std::string lines_of(const Check& check, std::size_t width, Style style) {
    std::string text = fmt::format("{}  {:<{}}  {}\n", word_of(check.status, style.colour),
                                   check.name, width, base::printable(check.found, k_longest));
    const bool is_well = check.status == Status::ok || check.status == Status::skipped;
    if (is_well && !style.verbose) {
        return text;
    }
    text += fmt::format("         why:  {}\n", base::printable(check.why, k_longest));
    if (check.fix) {
        text += fmt::format("         {}{}\n", heading_of(*check.fix),
                            base::printable(check.fix->text, k_longest));
    }
    return text;
}

std::string settings_text(const std::vector<Setting>& settings) {
    std::size_t width = 0;
    for (const Setting& setting : settings) {
        width = std::max(width, setting.key.size());
    }
    std::string text;
    for (const Setting& setting : settings) {
        text +=
            fmt::format("{:<{}}  {}  ({})\n", setting.key, width,
                        base::printable(setting.value, k_longest), base::printable(setting.origin));
    }
    return text;
}

std::string plural(int count, const char* noun) {
    return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

}  // namespace

int Report::count(Status status) const {
    return static_cast<int>(
        std::ranges::count_if(checks, [&](const Check& check) { return check.status == status; }));
}

int Report::exit_code() const {
    return count(Status::failed) > 0 || interrupted ? 1 : 0;
}

std::string text_of(const Report& report, Style style) {
    std::string text;
    if (style.verbose) {
        text += settings_text(report.settings) + "\n";
    }
    std::size_t width = 0;
    for (const Check& check : report.checks) {
        width = std::max(width, check.name.size());
    }
    for (const Check& check : report.checks) {
        text += lines_of(check, width, style);
    }
    text +=
        fmt::format("{}: {} ok, {}, {} failed, {} skipped ({}){}\n",
                    plural(static_cast<int>(report.checks.size()), "check"),
                    report.count(Status::ok), plural(report.count(Status::warning), "warning"),
                    report.count(Status::failed), report.count(Status::skipped),
                    base::format_duration(report.took), report.interrupted ? "; interrupted" : "");
    return text;
}

nlohmann::json json_of(const Report& report) {
    using nlohmann::json;
    json settings = json::array();
    for (const Setting& setting : report.settings) {
        settings.push_back({{"key", setting.key},
                            {"value", json::parse(setting.value)},
                            {"origin", setting.origin}});
    }
    return {{"version", 1},
            {"configuration", settings},
            {"checks", report.checks},
            {"counts",
             {{"ok", report.count(Status::ok)},
              {"warning", report.count(Status::warning)},
              {"failed", report.count(Status::failed)},
              {"skipped", report.count(Status::skipped)}}},
            {"seconds", std::chrono::duration<double>(report.took).count()},
            {"interrupted", report.interrupted}};
}

}  // namespace ccci::health
