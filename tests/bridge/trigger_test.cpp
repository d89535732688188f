#include "bridge/trigger.hpp"

#include <gtest/gtest.h>

namespace ccci::bridge {
namespace {

using naming::Lane;

TEST(TriggerTest, IsTheWordAlone) {
    for (const char* text : {"!testme", " !testme", "!testme\n", "\r\n\t !testme \r\n"}) {
        EXPECT_EQ(parse_trigger(text), Lane::full) << text;
    }
}

TEST(TriggerTest, MayAskForTheQuickLane) {
    for (const char* text : {"!testme --quick", "  !testme \t --quick\r\n"}) {
        EXPECT_EQ(parse_trigger(text), Lane::quick) << text;
    }
}

TEST(TriggerTest, IsNothingElse) {
    for (const char* text : {"",
                             " ",
                             "testme",
                             "!testmexyz",
                             "!testme foo",
                             "!testme!",
                             "!testme.",
                             "! testme",
                             "!Testme",
                             "!TESTME",
                             "> !testme",
                             ">!testme",
                             "`!testme`",
                             "please !testme",
                             "!testme please",
                             "!testme\n!testme",
                             "!testme\n--quick",
                             "!testme --quick now",
                             "!testme --quickly",
                             "!testme--quick",
                             "!testme -quick",
                             "!testme --quick --quick",
                             "--quick !testme",
                             "!testme \xe2\x80\x94quick",
                             "\xef\xbb\xbf!testme",
                             "!testme\xc2\xa0"}) {
        EXPECT_EQ(parse_trigger(text), std::nullopt) << text;
    }
    EXPECT_EQ(parse_trigger(std::string_view{"!testme\0", 8}), std::nullopt);
}

}  // namespace
}  // namespace ccci::bridge
