#include "naming/stages.hpp"

#include <gtest/gtest.h>

#include "run/usage_error.hpp"

namespace ccci::naming {
namespace {

std::string refusal(std::string_view text) {
    try {
        (void)parse_stages(text);
    } catch (const run::UsageError& error) {
        return error.what();
    }
    return "accepted";
}

TEST(StagesTest, NothingMeansEverything) {
    const std::vector<Tier> all{k_tiers.begin(), k_tiers.end()};

    EXPECT_EQ(parse_stages(""), all);
    EXPECT_EQ(parse_stages(" , "), all);
}

TEST(StagesTest, TakesNamesInAnyOrderAndForm) {
    const std::vector<Tier> both{Tier::fetch, Tier::install};

    EXPECT_EQ(parse_stages("install,fetch"), both);
    EXPECT_EQ(parse_stages("install install"), both);
    EXPECT_EQ(parse_stages("\tinstall\n"), both);
    EXPECT_EQ(parse_stages("fetch"), std::vector<Tier>{Tier::fetch});
}

TEST(StagesTest, InstallsWhatALaterTierTakes) {
    const std::vector<Tier> three{Tier::fetch, Tier::install, Tier::custom};

    EXPECT_EQ(parse_stages("custom"), three);
    EXPECT_EQ(parse_stages("lint"), (std::vector<Tier>{Tier::fetch, Tier::lint}));
}

TEST(StagesTest, BacksUpWhatIsToBeRestored) {
    const std::vector<Tier> four{Tier::fetch, Tier::install, Tier::backup, Tier::restore};

    EXPECT_EQ(parse_stages("restore"), four);
}

TEST(StagesTest, TheQuickLaneHasThreeOfThem) {
    const std::vector<Tier> all{Tier::fetch, Tier::upgrade, Tier::custom};

    EXPECT_EQ(parse_quick_stages(""), all);
    EXPECT_EQ(parse_quick_stages("custom"), all);
    EXPECT_EQ(parse_quick_stages("upgrade"), (std::vector<Tier>{Tier::fetch, Tier::upgrade}));
    EXPECT_EQ(parse_quick_stages("fetch"), std::vector<Tier>{Tier::fetch});
    for (const char* name : {"install", "backup", "restore", "lint", "nonsense"}) {
        EXPECT_THROW((void)parse_quick_stages(name), run::UsageError) << name;
    }
}

TEST(StagesTest, NamesAnUnknownStage) {
    EXPECT_EQ(refusal("install,instal"),
              "unknown stage 'instal': want some of fetch, install, upgrade, backup, restore, "
              "custom, lint");
    EXPECT_EQ(refusal("Install").substr(0, 23), "unknown stage 'Install'");
    EXPECT_EQ(refusal("\x1b[31m").substr(0, 25), "unknown stage '\\x1b[31m':");
}

}  // namespace
}  // namespace ccci::naming
