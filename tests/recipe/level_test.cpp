#include "recipe/level.hpp"

#include <gtest/gtest.h>

#include <map>

namespace ccci::recipe {
namespace {

using naming::Tier;
using enum Outcome;

struct Case {
    std::map<Tier, Outcome> outcomes;
    int reached;
    std::optional<Level::Cap> cap;
};

TEST(LevelTest, IsTheHighestRungWithAllBelowItPassedOrSkipped) {
    const std::vector<Case> cases{
        {{}, 0, Level::Cap{Tier::install, not_run}},
        {{{Tier::install, fail}}, 0, Level::Cap{Tier::install, fail}},
        {{{Tier::install, pass}}, 1, Level::Cap{Tier::upgrade, not_run}},
        {{{Tier::install, pass}, {Tier::upgrade, unverified}},
         1,
         Level::Cap{Tier::upgrade, unverified}},
        // A rung that is skipped is not reached, but it carries the next one.
        {{{Tier::install, pass}, {Tier::upgrade, skip}}, 1, Level::Cap{Tier::backup, not_run}},
        {{{Tier::install, pass},
          {Tier::upgrade, skip},
          {Tier::backup, pass},
          {Tier::restore, pass}},
         3,
         Level::Cap{Tier::custom, not_run}},
        {{{Tier::install, pass},
          {Tier::upgrade, pass},
          {Tier::backup, pass},
          {Tier::restore, fail}},
         2,
         Level::Cap{Tier::restore, fail}},
        // What is above a failure does not count.
        {{{Tier::install, pass},
          {Tier::upgrade, fail},
          {Tier::backup, pass},
          {Tier::restore, pass},
          {Tier::custom, pass},
          {Tier::lint, pass}},
         1,
         Level::Cap{Tier::upgrade, fail}},
        {{{Tier::install, pass},
          {Tier::upgrade, pass},
          {Tier::backup, skip},
          {Tier::restore, skip},
          {Tier::custom, pass},
          {Tier::lint, pass}},
         5,
         std::nullopt},
        {{{Tier::install, pass},
          {Tier::upgrade, pass},
          {Tier::backup, skip},
          {Tier::restore, skip},
          {Tier::custom, skip},
          {Tier::lint, skip}},
         2,
         std::nullopt},
    };
    for (std::size_t i = 0; i < cases.size(); ++i) {
        const Level level = compute_level([&](Tier tier) {
            const auto found = cases[i].outcomes.find(tier);
            return found != cases[i].outcomes.end() ? found->second : not_run;
        });
        EXPECT_EQ(level, (Level{cases[i].reached, cases[i].cap})) << "case " << i;
    }
}

}  // namespace
}  // namespace ccci::recipe
