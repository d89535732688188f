#include "base/utf8.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace ccci::base {
namespace {

struct Case {
    std::string_view text;
    char32_t code;
    std::size_t size;
};

TEST(Utf8Test, ReadsACharacterOfEachLength) {
    for (const Case& each :
         {Case{"a", U'a', 1}, Case{std::string_view{"\0", 1}, 0, 1}, Case{"\xc2\x80", 0x80, 2},
          Case{"\xdf\xbf", 0x7ff, 2}, Case{"\xe0\xa0\x80", 0x800, 3},
          Case{"\xef\xbf\xbd", 0xfffd, 3}, Case{"\xf0\x90\x80\x80", 0x10000, 4},
          Case{"\xf4\x8f\xbf\xbf", 0x10ffff, 4}}) {
        const Utf8Character found = first_character(std::string{each.text} + "\x80");

        EXPECT_TRUE(found.valid) << each.text;
        EXPECT_EQ(found.code, each.code) << each.text;
        EXPECT_EQ(found.size, each.size) << each.text;
    }
}

TEST(Utf8Test, PassesOverOneByteOfWhatIsNone) {
    for (const std::string_view text :
         {"\x80", "\xbf", "\xc0\x80", "\xc1\xbf", "\xc2",
          "\xc2"
          "a",
          "\xe0\x9f\xbf", "\xe2\x82",
          "\xe2\x82"
          "a",
          "\xed\xa0\x80", "\xed\xbf\xbf", "\xf0\x8f\xbf\xbf", "\xf0\x90\x80", "\xf4\x90\x80\x80",
          "\xf5\x80\x80\x80", "\xff"}) {
        const Utf8Character found = first_character(text);

        EXPECT_FALSE(found.valid) << text;
        EXPECT_EQ(found.size, 1U) << text;
    }
}

}  // namespace
}  // namespace ccci::base
