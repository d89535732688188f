#include "dashboard/filter.hpp"

#include <gtest/gtest.h>

#include <map>

#include "dashboard/recipe_label.hpp"

namespace ccci::dashboard {
namespace {

Filter from(const std::map<std::string, std::string>& values) {
    return filter_from([&](const std::string& key) {
        const auto found = values.find(key);
        return found == values.end() ? std::nullopt : std::optional{found->second};
    });
}

run::Record example() {
    run::Record record;
    record.run = "267";
    record.domain = "immi-ad3e33.ci.example.net";
    record.job = "recipe immich#2";
    record.verdict = run::Verdict{run::VerdictKind::failed, 7, "the job exited with 7"};
    return record;
}

TEST(FilterTest, TakesFromAQueryWhatCanBeMeant) {
    const Filter filter =
        from({{"recipe", " immich "}, {"verdict", "failed"}, {"text", " 7 "}, {"page", "3"}});
    EXPECT_EQ(filter.recipe, "immich");
    EXPECT_EQ(filter.state, "failed");
    EXPECT_EQ(filter.text, "7");
    EXPECT_EQ(filter.page, 3U);
    EXPECT_EQ(from({{"verdict", "lost"}}).state, "lost");

    EXPECT_TRUE(from({}).is_any());
    EXPECT_TRUE(from({{"recipe", "../etc"}, {"verdict", "<b>"}, {"text", "  "}}).is_any());
    EXPECT_EQ(from({{"text", std::string(1000, 'x')}}).text.size(), 100U);
    for (const char* page : {"0", "-1", "", "x", "1x", "99999999999999999999999"}) {
        EXPECT_EQ(from({{"page", page}}).page, 1U) << page;
    }
    EXPECT_EQ(from({{"page", "18446744073709551615"}}).page, 1000U);
}

TEST(FilterTest, LetsThroughWhatIsAsked) {
    EXPECT_TRUE(matches({}, example()));
    EXPECT_TRUE(matches({.recipe = "immich"}, example()));
    EXPECT_FALSE(matches({.recipe = "immi"}, example()));
    for (const char* text : {"26", "AD3E33", "immich#2", "Exited With"}) {
        EXPECT_TRUE(matches({.text = text}, example())) << text;
    }
    EXPECT_FALSE(matches({.text = "plausible"}, example()));
    EXPECT_FALSE(matches({.recipe = "immich", .text = "plausible"}, example()));
}

TEST(FilterTest, IsKeptFromPageToPage) {
    const Filter filter{.recipe = "immich", .state = "failed", .text = "a&b"};

    EXPECT_EQ(path_of({}, filter, 1).text(), "/?recipe=immich&verdict=failed&text=a%26b");
    EXPECT_EQ(path_of({}, {}, 2).text(), "/?page=2");
    EXPECT_EQ(path_of({}, {}, 1).text(), "/");
}

TEST(RecipeLabelTest, IsWhatTheRunWasFor) {
    const auto of = [](const std::string& job) {
        run::Record record;
        record.job = job;
        return recipe_of(record);
    };
    EXPECT_EQ(of("recipe immich"), (RecipeLabel{"immich", "", ""}));
    EXPECT_EQ(of("recipe immich#2"), (RecipeLabel{"immich", "2", ""}));
    EXPECT_EQ(of("recipe immich#2 quick"), (RecipeLabel{"immich", "2", "quick"}));
    for (const char* job : {"", "deploy", "recipe ", "recipe <b>", "recipe ../x", "recipe immich#x",
                            "recipe UPPER", "recipeimmich"}) {
        EXPECT_EQ(of(job), std::nullopt) << job;
    }
}

TEST(RecipeLabelTest, HasALevelThatTheRunItselfSaid) {
    const auto of = [](const std::string& note) {
        run::Record record;
        record.note = note;
        return level_of(record);
    };
    EXPECT_EQ(of("level 4 of 5 (lint: not run), deploys 1"), (Level{4, 5}));
    EXPECT_EQ(of("level 0 of 5, deploys 1"), (Level{0, 5}));
    for (const char* note : {"", "quick lane, lower confidence: upgrade passed", "level 6 of 5",
                             "level -1 of 5", "level 1 of 500", "level 1 of 5<b>", "level 1"}) {
        EXPECT_EQ(of(note), std::nullopt) << note;
    }
}

}  // namespace
}  // namespace ccci::dashboard
