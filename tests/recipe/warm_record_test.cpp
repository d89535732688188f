#include "recipe/warm_record.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

#include "base/text.hpp"

namespace ccci::recipe {
namespace {

WarmRecord sample() {
    return {.recipe = "immich",
            .domain = "warm-immich.ci.example.net",
            .commit = "a174a86d0c1f35d4b6d1c0b1a174a86d0c1f35d4",
            .release = "1.0.0+4.5.1",
            .run_id = "291",
            .promoted = base::parse_time("2026-03-01T09:22:30Z"),
            .belongings = {.volumes = {"s_data", "s_more"}, .secrets = {"s_password_v1"}}};
}

TEST(WarmRecordTest, ComesBackAsItWas) {
    const WarmRecord read = parse_warm_record(to_text(sample()));

    EXPECT_EQ(to_text(read), to_text(sample()));
    EXPECT_EQ(read.belongings, sample().belongings);
    EXPECT_EQ(read.promoted, sample().promoted);
}

TEST(WarmRecordTest, IsNamedByItsVersionAndCommit) {
    EXPECT_EQ(sample().name(), "1.0.0+4.5.1 (a174a86)");
    WarmRecord record = sample();
    record.release = "";
    EXPECT_EQ(record.name(), "a174a86");
}

TEST(WarmRecordTest, IsRefusedWhenItIsNone) {
    const std::string text = to_text(sample());
    EXPECT_THROW((void)parse_warm_record(""), std::runtime_error);
    EXPECT_THROW((void)parse_warm_record("[]"), std::runtime_error);
    EXPECT_THROW((void)parse_warm_record(text.substr(0, text.size() / 2)), std::runtime_error);
    for (const auto& [from, to] :
         {std::pair{"\"version\": 1", "\"version\": 2"}, std::pair{"immich\"", "../x\""},
          std::pair{"291", "-v"}, std::pair{"[", "7, \"x\": ["}}) {
        const std::string changed = base::replace_all(text, from, to);
        ASSERT_NE(changed, text);
        EXPECT_THROW((void)parse_warm_record(changed), std::runtime_error) << changed;
    }
}

}  // namespace
}  // namespace ccci::recipe
