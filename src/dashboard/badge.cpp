#include "dashboard/badge.hpp"

#include <fmt/format.h>

#include "dashboard/recipe_label.hpp"

namespace ccci::dashboard {

namespace {

struct Look {
    std::string text;
    std::string_view colour;  ///< white is legible on each of them
};

Look look_of(const std::optional<run::Record>& record) {
    if (!record) {
        return {"not tested", "#5b6470"};
    }
    const auto level = level_of(*record);
    const std::string text = level ? fmt::format("level {} of {}", level->reached, level->of)
                                   : run::to_string(record->verdict->kind);
    if (record->verdict->kind != run::VerdictKind::passed) {
        return {text, "#b42318"};
    }
    return {text, level && level->reached < level->of ? "#8a5a00" : "#1a7f37"};
}

/// In the font below, of 11 pixels, about; the text is stretched to just that.
std::size_t width_of(std::string_view text) {
    return text.size() * 6 + 10;
}

}  // namespace

bool counts_for_badge(const run::Record& record) {
    const auto label = recipe_of(record);
    if (!label || !label->lane.empty() || record.state != run::State::ended || !record.verdict) {
        return false;
    }
    switch (record.verdict->kind) {
        case run::VerdictKind::passed:
        case run::VerdictKind::failed:
        case run::VerdictKind::deadline:
        case run::VerdictKind::leftovers:
            return true;
        default:
            return false;
    }
}

std::string badge(const std::optional<run::Record>& record) {
    // Every word in it is one of ours.
    const Look look = look_of(record);
    constexpr std::string_view k_name = "cc-ci";
    const std::size_t left = width_of(k_name);
    const std::size_t right = width_of(look.text);
    const auto word = [](std::string_view text, std::size_t x, std::size_t width) {
        return fmt::format(
            "<text x=\"{}\" y=\"14\" textLength=\"{}\" lengthAdjust=\"spacingAndGlyphs\">{}</text>",
            x + 5, width - 10, text);
    };
    return fmt::format(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{whole}\" height=\"20\" role=\"img\" "
        "aria-label=\"cc-ci: {text}\"><title>cc-ci: {text}</title>"
        "<rect width=\"{whole}\" height=\"20\" rx=\"4\" fill=\"{colour}\"/>"
        "<path d=\"M4 0h{edge}v20H4a4 4 0 0 1-4-4V4a4 4 0 0 1 4-4z\" fill=\"#24292f\"/>"
        "<g fill=\"#fff\" font-family=\"Verdana,DejaVu Sans,sans-serif\" font-size=\"11\">{name}"
        "{word}</g></svg>\n",
        fmt::arg("whole", left + right), fmt::arg("text", look.text),
        fmt::arg("colour", look.colour), fmt::arg("edge", left - 4),
        fmt::arg("name", word(k_name, 0, left)), fmt::arg("word", word(look.text, left, right)));
}

}  // namespace ccci::dashboard
