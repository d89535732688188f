#include "dashboard/parts.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>

#include "base/duration.hpp"
#include "base/text.hpp"
#include "dashboard/assets.hpp"
#include "dashboard/clean_text.hpp"
#include "dashboard/recipe_label.hpp"

namespace ccci::dashboard {

namespace {

constexpr std::size_t k_longest_label = 120;
constexpr std::size_t k_longest_problem = 300;

std::string title_of(int status) {
    switch (status) {
        case 400:
            return "That is no name";
        case 404:
            return "Not here";
        default:
            return "This did not work";
    }
}

}  // namespace

Path runs_path() {
    return {};
}

Path run_path(const std::string& id) {
    return Path{} / "runs" / id;
}

Path recipe_path(const std::string& recipe) {
    return Path{} / "recipes" / recipe;
}

Path badge_path(const std::string& recipe) {
    return Path{} / "badge" / (recipe + ".svg");
}

std::string tone_of(const std::string& shown_state) {
    if (shown_state == "passed") {
        return "good";
    }
    if (shown_state == "cancelled" || shown_state == "superseded") {
        return "wanted";
    }
    if (shown_state == "waiting") {
        return "idle";
    }
    return shown_state == "lost" || run::verdict_kind_from(shown_state) ? "bad" : "live";
}

Html chip(const std::string& shown_state) {
    return el("span", {{"class", "chip " + tone_of(shown_state)}}, shown_state);
}

Html moment(const std::optional<run::Time>& time) {
    if (!time) {
        return Html::of("–");
    }
    const auto seconds = std::chrono::floor<std::chrono::seconds>(*time);
    const std::string iso = base::format_time(*time);
    return el("time", {{"datetime", iso}, {"title", iso}},
              fmt::format("{:%d %b %H:%M}", fmt::gmtime(seconds)));
}

Html span(const std::optional<run::Time>& from, const std::optional<run::Time>& to, run::Time now,
          bool goes_on) {
    if (!from || (!to && !goes_on)) {
        return Html::of("–");
    }
    const run::Time end = std::max(*from, to.value_or(now));
    const std::string text =
        base::format_duration(std::chrono::duration_cast<std::chrono::microseconds>(end - *from));
    return to ? Html::of(text) : el("span", {{"data-since", base::format_time(*from)}}, text);
}

Html what_for(const run::Record& record) {
    const auto label = recipe_of(record);
    if (!label) {
        return Html::of(record.job.empty() ? "–" : clean_line(record.job, k_longest_label));
    }
    Html what = link(recipe_path(label->recipe), {}, label->recipe);
    if (!label->pull_request.empty()) {
        what.append(el("span", {{"class", "pull"}}, "#", label->pull_request));
    }
    if (!label->lane.empty()) {
        what.append(" ");
        what.append(el("span", {{"class", "tag"}}, clean_line(label->lane, 20)));
    }
    return what;
}

Html level(const run::Record& record) {
    const auto reached = level_of(record);
    return reached ? el("span", {{"class", "level"}},
                        fmt::format("level {} of {}", reached->reached, reached->of))
                   : Html{};
}

Html page(const std::string& title, const Html& main) {
    const Html head =
        el("head", {}, leaf("meta", {{"charset", "utf-8"}}), el("title", {}, title, " · cc-ci"),
           leaf("meta", {{"name", "viewport"}, {"content", "width=device-width, initial-scale=1"}}),
           leaf("meta", {{"name", "color-scheme"}, {"content", "light dark"}}),
           leaf("meta", {{"name", "robots"}, {"content", "noindex"}}),
           style_sheet(asset_path("style.css")), icon(asset_path("icon.svg")),
           program(asset_path("live.js")));
    const Html header = el("header", {{"class", "top"}},
                           link(runs_path(), {{"class", "brand"}},
                                picture(asset_path("icon.svg"), {{"alt", ""}}), "cc-ci"),
                           el("nav", {{"aria-label", "Pages"}}, link(runs_path(), {}, "Runs")));
    const Html footer = el("footer", {}, "Times are UTC. This page only shows; ",
                           el("code", {}, "cc-ci"), " on the host is what acts.");
    return document(el("html", {{"lang", "en"}}, head,
                       el("body", {}, header, el("main", {{"id", "main"}}, main), footer)));
}

Html problem_page(int status, const std::string& reason) {
    return page(title_of(status), Html::of(el("h1", {}, title_of(status)),
                                           el("p", {}, clean_line(reason, k_longest_problem)),
                                           el("p", {}, link(runs_path(), {}, "All runs"))));
}

}  // namespace ccci::dashboard
