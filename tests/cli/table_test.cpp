#include "cli/table.hpp"

#include <gtest/gtest.h>

#include "cli/facts.hpp"
#include "cli/screen.hpp"
#include "cli/text_width.hpp"

namespace ccci::cli {
namespace {

using Lines = std::vector<std::string>;

TEST(TextWidthTest, CountsColumnsAndNotBytes) {
    EXPECT_EQ(width_of(""), 0U);
    EXPECT_EQ(width_of("plain"), 5U);
    EXPECT_EQ(width_of("Prüfung…"), 8U);
    EXPECT_EQ(width_of("e\u0301"), 1U) << "a combining mark";
    EXPECT_EQ(width_of("漢字"), 4U);
    EXPECT_EQ(width_of("\U0001f600"), 2U);
    EXPECT_EQ(width_of("\xc3"), 1U) << "no UTF-8";
    EXPECT_EQ(width_of("\xff\xfe"), 2U);
}

TEST(TextWidthTest, ShortensToWholeCharacters) {
    EXPECT_EQ(shorten("immich", 6, "…"), "immich");
    EXPECT_EQ(shorten("immich", 5, "…"), "immi…");
    EXPECT_EQ(shorten("immich", 5, "~"), "immi~");
    EXPECT_EQ(shorten("漢字漢字", 6, "…"), "漢字…");
    EXPECT_EQ(shorten("immich", 1, "…"), "…");
    EXPECT_EQ(shorten("immich", 0, "…"), "");
}

class TableTest : public testing::Test {
protected:
    static Table table() {
        Table table{{{.name = "RUN"}, {.name = "DOMAIN", .least = 6}, {.name = "JOB", .least = 4}}};
        table.add({{"290"}, {"immi-ad3e33.ci.example.net"}, {"recipe immich#2"}});
        table.add({{"9"}, {"-"}, {"true"}});
        return table;
    }
};

TEST_F(TableTest, IsAsWideAsItsValues) {
    EXPECT_EQ(table().lines({}), (Lines{"RUN  DOMAIN                      JOB",
                                        "290  immi-ad3e33.ci.example.net  recipe immich#2",
                                        "9    -                           true"}));
    EXPECT_EQ(table().lines({.width = 200}), table().lines({}));
    EXPECT_EQ(table().lines({}, false).size(), 2U);
}

TEST_F(TableTest, ShortensItsWidestColumnsFirst) {
    EXPECT_EQ(table().lines({.width = 40}),
              (Lines{"RUN  DOMAIN              JOB", "290  immi-ad3e33.ci.ex~  recipe immich#2",
                     "9    -                   true"}));
    EXPECT_EQ(table().lines({.width = 30, .unicode = true}),
              (Lines{"RUN  DOMAIN        JOB", "290  immi-ad3e33…  recipe imm…",
                     "9    -             true"}));
}

TEST_F(TableTest, NeverBreaksALine) {
    for (std::size_t width = 1; width < 60; ++width) {
        for (const std::string& line : table().lines({.width = width, .unicode = true})) {
            EXPECT_LE(width_of(line), width) << line;
        }
    }
}

TEST_F(TableTest, HasColoursOnlyWhereThereAreColours) {
    Table coloured{{{.name = "STATE"}, {.name = "JOB"}}};
    coloured.add({{"passed", base::Colour::green}, {"true"}});

    EXPECT_EQ(coloured.lines({.colour = true}),
              (Lines{"\033[1mSTATE\033[0m   \033[1mJOB\033[0m", "\033[32mpassed\033[0m  true"}));
    EXPECT_EQ(coloured.lines({}), (Lines{"STATE   JOB", "passed  true"}));
}

TEST(LookTest, IsPlainWhereThereIsNoTerminal) {
    const Look look = look_of(-1, {"COLUMNS=80", "TERM=xterm", "LANG=de_DE.UTF-8", "LC_ALL=C"});

    EXPECT_FALSE(look.width);
    EXPECT_FALSE(look.colour);
    EXPECT_FALSE(look.unicode) << "LC_ALL comes first";
    EXPECT_TRUE(look_of(-1, {"LANG=C.UTF-8"}).unicode);
    EXPECT_FALSE(look_of(-1, {}).unicode);
}

TEST(FactsTest, BreakLongValuesBetweenWords) {
    const Look look{.width = 40};
    Facts facts{look};
    facts.add("run", "267");
    facts.add("nothing", "");
    facts.add("meaning", "it waits for the lock of its domain; nothing of it runs yet");

    EXPECT_EQ(std::move(facts).lines(),
              (Lines{"run       267", "meaning   it waits for the lock of its",
                     "          domain; nothing of it runs yet"}));
    EXPECT_EQ(wrapped("a  b", 10), (Lines{"a  b"})) << "blanks are kept within a line";
    EXPECT_EQ(wrapped("immi-ad3e33.ci.example.net", 10), (Lines{"immi-ad3e33.ci.example.net"}));
}

TEST(ScreenTest, SaysHowManyLinesDoNotFit) {
    EXPECT_EQ(fitting({"a", "b", "c"}, 3), (Lines{"a", "b", "c"}));
    EXPECT_EQ(fitting({"a", "b", "c", "d"}, 3), (Lines{"a", "b", "and 2 more"}));
    EXPECT_EQ(fitting({"a", "b"}, 1), (Lines{"and 2 more"}));
}

}  // namespace
}  // namespace ccci::cli
