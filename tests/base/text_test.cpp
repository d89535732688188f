#include "base/text.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

namespace ccci::base {
namespace {

using namespace std::chrono_literals;
using std::chrono::system_clock;
using Parts = std::vector<std::string>;

TEST(SplitTest, KeepsEmptyParts) {
    EXPECT_EQ(split("a,b", ','), (Parts{"a", "b"}));
    EXPECT_EQ(split("a,,b", ','), (Parts{"a", "", "b"}));
    EXPECT_EQ(split(",", ','), (Parts{"", ""}));
    EXPECT_EQ(split("", ','), Parts{""});
    EXPECT_EQ(join(split("a,,b,", ','), ","), "a,,b,");
}

TEST(TrimTest, RemovesWhiteSpaceAtBothEndsOnly) {
    EXPECT_EQ(trim(" \t\r\n\f\va b\n"), "a b");
    EXPECT_EQ(trim(" \n"), "");
    EXPECT_EQ(trim(""), "");
}

TEST(ReplaceAllTest, GoesOnAfterWhatItPutIn) {
    EXPECT_EQ(replace_all("a.b.c", ".", "_"), "a_b_c");
    EXPECT_EQ(replace_all("aaa", "a", "aa"), "aaaaaa");
    EXPECT_EQ(replace_all("abab", "ab", ""), "");
}

TEST(PrintableTest, ShowsWhatATerminalMustNotSee) {
    EXPECT_EQ(printable("plain 'text'"), "plain 'text'");
    EXPECT_EQ(printable(std::string("\x1b[2J\n\r\0\x7f\xff", 9)),
              "\\x1b[2J\\x0a\\x0d\\x00\\x7f\\xff");
    EXPECT_EQ(printable("12345", 5), "12345");
    EXPECT_EQ(printable("123456", 5), "12345...");
}

TEST(TimeTest, IsWrittenInUtcWithMilliseconds) {
    EXPECT_EQ(format_time(system_clock::time_point{}), "1970-01-01T00:00:00.000Z");
    EXPECT_EQ(format_time(system_clock::time_point{} + 1s + 5ms + 999us),
              "1970-01-01T00:00:01.005Z");
    EXPECT_EQ(format_time(system_clock::time_point{} - 1ms), "1969-12-31T23:59:59.999Z");
    EXPECT_EQ(format_time(system_clock::from_time_t(1772356950) + 125ms),
              "2026-03-01T09:22:30.125Z");
}

TEST(TimeTest, IsReadBackToTheMillisecond) {
    system_clock::time_point time = system_clock::from_time_t(1'700'000'000);
    for (int n = 0; n < 2000; ++n, time += 86'399'001ms) {
        EXPECT_EQ(parse_time(format_time(time)), time);
    }
}

TEST(TimeTest, MayHaveAnyFractionOrNone) {
    const auto whole = system_clock::from_time_t(1772356950);

    EXPECT_EQ(parse_time("2026-03-01T09:22:30Z"), whole);
    EXPECT_EQ(parse_time("2026-03-01T09:22:30.1Z"), whole + 100ms);
    EXPECT_EQ(parse_time("2026-03-01T09:22:30.123456789Z"), whole + 123ms);
}

TEST(TimeTest, RefusesEverythingElse) {
    for (const char* text :
         {"", "Z", "now", "2026-03-01", "2026-03-01T09:22:30", "2026-03-01T09:22:30+01:00",
          "2026-03-01T09:22:30.1", "2026-03-01T09:22:30ZZ", "2026-13-01T09:22:30Z",
          "2026-03-01T25:22:30Z", "2026-03-01 09:22:30Z", "\xff",
          // What the clock cannot hold.
          "0001-01-01T00:00:00Z", "1676-01-01T00:00:00Z", "2263-01-01T00:00:00Z",
          "9999-12-31T23:59:59Z"}) {
        EXPECT_THROW((void)parse_time(text), std::invalid_argument) << text;
    }
    EXPECT_THROW((void)parse_time(std::string("2026-03-01T09:22:30Z\0x", 22)),
                 std::invalid_argument);
}

}  // namespace
}  // namespace ccci::base
