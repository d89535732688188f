#include "base/duration.hpp"

#include <gtest/gtest.h>

#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace ccci::base {
namespace {

using namespace std::chrono_literals;
using std::chrono::microseconds;

constexpr microseconds k_day = 24h;

TEST(ParseDurationTest, KnowsEveryUnit) {
    const std::vector<std::pair<const char*, microseconds>> table{
        {"7us", 7us},       {"7usec", 7us},    {"7ms", 7ms},          {"7msec", 7ms},
        {"7", 7s},          {"7s", 7s},        {"7sec", 7s},          {"7second", 7s},
        {"7seconds", 7s},   {"7m", 7min},      {"7min", 7min},        {"7minute", 7min},
        {"7minutes", 7min}, {"7h", 7h},        {"7hr", 7h},           {"7hour", 7h},
        {"7hours", 7h},     {"7d", 7 * k_day}, {"7w", 7 * 7 * k_day}, {"0", 0us},
        {"0s", 0us},        {"90s", 90s},      {"007s", 7s},          {"36500d", 36500 * k_day},
    };
    for (const auto& [text, span] : table) {
        EXPECT_EQ(parse_duration(text), span) << text;
    }
}

TEST(ParseDurationTest, AddsUpWhatItIsGiven) {
    EXPECT_EQ(parse_duration("1h 30min"), 90min);
    EXPECT_EQ(parse_duration("1h30min"), 90min);
    EXPECT_EQ(parse_duration("  1 h\t30 min \n"), 90min);
    EXPECT_EQ(parse_duration("2min 5"), 125s);
    EXPECT_EQ(parse_duration("1w 1d 1h 1min 1s 1ms 1us"), 8 * k_day + 1h + 1min + 1s + 1ms + 1us);
}

TEST(ParseDurationTest, TakesFractions) {
    EXPECT_EQ(parse_duration("1.5h"), 90min);
    EXPECT_EQ(parse_duration("0.25"), 250ms);
    EXPECT_EQ(parse_duration("0.5min 0.5s"), 30s + 500ms);
}

TEST(ParseDurationTest, IsExactToTheMicrosecond) {
    // None of these has a binary fraction of its own.
    for (int tenths = 0; tenths < 1000; ++tenths) {
        const std::string text =
            std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + "s";
        EXPECT_EQ(parse_duration(text), tenths * 100ms) << text;
    }
}

TEST(ParseDurationTest, RefusesEverythingElse) {
    for (const char* text : {"",
                             " ",
                             "\t\n",
                             "s",
                             "min",
                             "-1s",
                             "+1s",
                             "1x",
                             "1sx",
                             "1S",
                             "1 MIN",
                             "1 fortnight",
                             "ten",
                             "1..5s",
                             ".5s",
                             "1,5s",
                             "0x10s",
                             "1e3s",
                             "inf",
                             "infinity",
                             "nan",
                             "1s;",
                             "1s -1s",
                             "1s, 2s",
                             "5s later",
                             "\xff",
                             "1\xc2\xb5s",
                             "$(reboot)",
                             "36501d",
                             "5300w",
                             "876001h",
                             "3153600001",
                             "1000000000000000000000000s",
                             "9223372036854775808us"}) {
        EXPECT_THROW((void)parse_duration(text), std::invalid_argument) << text;
    }
    EXPECT_THROW((void)parse_duration(std::string(500, '9')), std::invalid_argument);
    EXPECT_THROW((void)parse_duration(std::string("1s\0", 3)), std::invalid_argument);
}

TEST(ParseDurationTest, NamesTheValueItRefuses) {
    try {
        (void)parse_duration("two\nlines");
        FAIL();
    } catch (const std::invalid_argument& error) {
        EXPECT_NE(std::string{error.what()}.find("'two\\x0alines'"), std::string::npos)
            << error.what();
    }
}

TEST(FormatDurationTest, ShowsAtMostTwoUnits) {
    const std::vector<std::pair<microseconds, const char*>> table{
        {-5s, "0ms"},
        {0us, "0ms"},
        {999us, "0ms"},
        {250ms, "250ms"},
        {999'999us, "999ms"},
        {1s, "1s"},
        {6100ms, "6.1s"},
        {9999ms, "9.9s"},
        {10s, "10s"},
        {42s + 900ms, "42s"},
        {59s, "59s"},
        {60s, "1min"},
        {3min + 14s, "3min 14s"},
        {59min + 59s, "59min 59s"},
        {60min, "1h"},
        {2h + 5min + 59s, "2h 5min"},
        {24h, "1d"},
        {3 * k_day + 4h + 59min, "3d 4h"},
        {36500 * k_day, "36500d"},
    };
    for (const auto& [span, text] : table) {
        EXPECT_EQ(format_duration(span), text);
    }
}

TEST(FormatDurationTest, IsReadBackAsWhatItShows) {
    for (microseconds span = 1ms; span < 3000 * k_day; span += span / 3 + 1ms) {
        const std::string text = format_duration(span);
        EXPECT_EQ(format_duration(parse_duration(text)), text);
        EXPECT_LE(parse_duration(text), span) << text;
    }
}

}  // namespace
}  // namespace ccci::base
