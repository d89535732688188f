#include "recipe/interpolate.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

namespace ccci::recipe {
namespace {

const Variables k_words{{"A", "one"}, {"EMPTY", ""}, {"a_1", "low"}};

std::string text(std::string_view pattern) {
    return interpolate(pattern, k_words).text;
}

std::string refusal_of_pattern(std::string_view pattern) {
    try {
        (void)interpolate(pattern, k_words);
    } catch (const std::invalid_argument& error) {
        return error.what();
    }
    return "accepted";
}

TEST(InterpolateTest, ReplacesEveryForm) {
    const std::vector<std::pair<std::string, std::string>> cases{
        {"plain", "plain"},
        {"$A", "one"},
        {"x$A.y", "xone.y"},
        {"${A}b", "oneb"},
        {"${a_1}", "low"},
        {"$$A", "$A"},
        {"$$$A", "$one"},
        {"${A:-d}", "one"},
        {"${A-d}", "one"},
        {"${EMPTY:-d}", "d"},
        {"${EMPTY-d}", ""},
        {"${NONE:-d}", "d"},
        {"${NONE-d}", "d"},
        {"${NONE:-}", ""},
        {"${NONE:-a:-b}", "a:-b"},
        {"${NONE:-${A}}!", "one!"},
        {"${NONE:-x${NONE-${a_1}}y}", "xlowy"},
        {"${A:?must}", "one"},
        {"${EMPTY?must}", ""},
        {"", ""},
    };
    for (const auto& [pattern, expected] : cases) {
        EXPECT_EQ(text(pattern), expected) << pattern;
    }
}

TEST(InterpolateTest, NamesWhatIsNotSet) {
    const Interpolated result = interpolate("<$NONE><${OTHER}>${THIRD:-x}", k_words);

    EXPECT_EQ(result.text, "<><>x");
    EXPECT_EQ(result.unset, (std::vector<std::string>{"NONE", "OTHER"}));
}

TEST(InterpolateTest, RefusesAMissingRequiredVariable) {
    EXPECT_EQ(refusal_of_pattern("${NONE:?say why}"), "variable NONE is required: say why");
    EXPECT_EQ(refusal_of_pattern("${EMPTY:?}"), "variable EMPTY is required");
    EXPECT_EQ(refusal_of_pattern("${NONE?x}"), "variable NONE is required: x");
}

TEST(InterpolateTest, RefusesOtherDollarSigns) {
    for (const char* pattern : {"$", "a$ b", "${}", "${1}", "$1", "${A!x}", "${A:x}", "${A"}) {
        EXPECT_NE(refusal_of_pattern(pattern), "accepted") << pattern;
    }
}

TEST(InterpolateTest, SurvivesDeepNesting) {
    std::string pattern;
    for (int i = 0; i < 1000; ++i) {
        pattern += "${NONE:-";
    }
    pattern += std::string(1000, '}');

    EXPECT_EQ(refusal_of_pattern(pattern), "defaults are nested too deeply");
}

}  // namespace
}  // namespace ccci::recipe
