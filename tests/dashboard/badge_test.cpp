#include "dashboard/badge.hpp"

#include <gtest/gtest.h>

namespace ccci::dashboard {
namespace {

run::Record ended(run::VerdictKind kind, const std::string& note,
                  const std::string& job = "recipe immich#2") {
    run::Record record;
    record.job = job;
    record.note = note;
    record.state = run::State::ended;
    record.verdict = run::Verdict{kind, 0, "<b>"};
    return record;
}

TEST(BadgeTest, SaysHowFarTheLastFullRunGot) {
    struct {
        run::Record record;
        const char* text;
        const char* colour;
    } const table[] = {
        {ended(run::VerdictKind::passed, "level 5 of 5, deploys 1"), "level 5 of 5", "#1a7f37"},
        {ended(run::VerdictKind::passed, "level 3 of 5, deploys 1"), "level 3 of 5", "#8a5a00"},
        {ended(run::VerdictKind::failed, "level 1 of 5, deploys 1"), "level 1 of 5", "#b42318"},
        {ended(run::VerdictKind::failed, "<script>"), "failed", "#b42318"},
        {ended(run::VerdictKind::deadline, ""), "deadline", "#b42318"},
    };
    for (const auto& row : table) {
        const std::string svg = badge(row.record);
        EXPECT_NE(svg.find(">" + std::string{row.text} + "</text>"), std::string::npos) << svg;
        EXPECT_NE(svg.find(row.colour), std::string::npos) << svg;
        EXPECT_EQ(svg.find("<script>"), std::string::npos) << svg;
        EXPECT_EQ(svg.find("<b>"), std::string::npos) << svg;
    }
    EXPECT_NE(badge(std::nullopt).find(">not tested</text>"), std::string::npos);
}

TEST(BadgeTest, IsOfNoRunThatSaysNothingOfTheRecipe) {
    EXPECT_TRUE(counts_for_badge(ended(run::VerdictKind::passed, "")));
    EXPECT_TRUE(counts_for_badge(ended(run::VerdictKind::leftovers, "")));
    EXPECT_FALSE(counts_for_badge(ended(run::VerdictKind::passed, "", "recipe immich#2 quick")));
    EXPECT_FALSE(counts_for_badge(ended(run::VerdictKind::passed, "", "deploy")));
    EXPECT_FALSE(counts_for_badge(ended(run::VerdictKind::cancelled, "")));
    EXPECT_FALSE(counts_for_badge(ended(run::VerdictKind::killed, "")));
    run::Record running = ended(run::VerdictKind::passed, "");
    running.state = run::State::running;
    EXPECT_FALSE(counts_for_badge(running));
}

}  // namespace
}  // namespace ccci::dashboard
