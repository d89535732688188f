#pragma once

#include <optional>
#include <string>

#include "dashboard/html.hpp"
#include "run/record.hpp"

namespace ccci::dashboard {

// What more than one page has.

Path runs_path();
Path run_path(const std::string& id);
Path recipe_path(const std::string& recipe);
Path badge_path(const std::string& recipe);

/// How a state or a verdict feels: "good", "bad", "wanted" (somebody ended it), "live", "idle".
std::string tone_of(const std::string& shown_state);

/// The state as a word on its colour.
Html chip(const std::string& shown_state);

/// "22 Nov 00:13", as a <time>; UTC.
Html moment(const std::optional<run::Time>& time);

/// How long that took; what goes on is marked, so that the page may count on.
Html span(const std::optional<run::Time>& from, const std::optional<run::Time>& to, run::Time now,
          bool goes_on);

/// What a run is for, with a link to its recipe if it has one.
Html what_for(const run::Record& record);

/// Whether there is a level and which: "level 4 of 5".
Html level(const run::Record& record);

/// A whole page. `main` is all that is particular to it.
Html page(const std::string& title, const Html& main);

/// For what cannot be shown, with the reason.
Html problem_page(int status, const std::string& reason);

}  // namespace ccci::dashboard
