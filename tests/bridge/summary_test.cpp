#include "bridge/summary.hpp"

#include <gtest/gtest.h>

namespace ccci::bridge {
namespace {

TEST(SummaryTest, HasTheLevelAndTheTiersThatWereAskedFor) {
    const auto summary = parse_summary(R"({"version": 1, "lane": "full",
        "level": {"reached": 1, "of": 5, "capped_by": "upgrade", "because": "fail"},
        "tiers": [{"tier": "install", "result": "pass", "message": null, "seconds": 41.5},
                  {"tier": "upgrade", "result": "fail", "message": "exit 1", "seconds": 2},
                  {"tier": "backup", "result": "unverified", "message": "", "seconds": 0},
                  {"tier": "custom", "result": "skip", "message": "none", "seconds": 0},
                  {"tier": "lint", "result": "not-run", "message": null, "seconds": 0}]})");

    ASSERT_TRUE(summary);
    EXPECT_EQ(summary->lane, "full");
    EXPECT_EQ(summary->level, "level 1 of 5 (upgrade: failed)");
    EXPECT_EQ(summary->tiers, (std::vector<TierLine>{{"install", "passed", "", 41.5},
                                                     {"upgrade", "failed", "exit 1", 2},
                                                     {"backup", "unverified", "", 0},
                                                     {"custom", "skipped", "none", 0}}));
}

TEST(SummaryTest, TakesKnownWordsOnly) {
    const auto summary = parse_summary(R"({"version": 1, "lane": "<b>",
        "level": {"reached": 1, "of": 5, "capped_by": "<x>", "because": "fail"},
        "tiers": [{"tier": "<script>", "result": "pass"}, {"tier": "install", "result": "@all"},
                  {"tier": "upgrade", "result": "pass", "seconds": -1},
                  {"tier": "upgrade", "result": "fail"}, {"tier": "lint", "result": "pass",
                   "seconds": 1e300}, 7, null]
})");

    ASSERT_TRUE(summary);
    EXPECT_EQ(summary->lane, "");
    EXPECT_EQ(summary->level, "level 1 of 5");
    EXPECT_EQ(summary->tiers,
              (std::vector<TierLine>{{"upgrade", "passed", "", 0}, {"lint", "passed", "", 0}}));
}

TEST(SummaryTest, IsNoneOfWhatIsNoResults) {
    for (const char* text : {"", "{", "[]", "null", "{}", R"({"version": 2})"}) {
        EXPECT_EQ(parse_summary(text), std::nullopt) << text;
    }
    const auto bare = parse_summary(
        R"({"version": 1, "level": {"reached": -1, "of": "5"}, "tiers": {"tier": 1}})");
    ASSERT_TRUE(bare);
    EXPECT_EQ(bare->level, "");
    EXPECT_TRUE(bare->tiers.empty());
}

}  // namespace
}  // namespace ccci::bridge
