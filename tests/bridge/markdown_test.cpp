#include "bridge/markdown.hpp"

#include <gtest/gtest.h>

namespace ccci::bridge {
namespace {

TEST(CodeTest, KeepsOrdinaryTextInASpan) {
    EXPECT_EQ(code("exit 1"), "`exit 1`");
    EXPECT_EQ(code(" d\xc3\xa9j\xc3\xa0 vu \xe2\x9c\x93 \xf0\x9f\x8d\xb0 "),
              "`d\xc3\xa9j\xc3\xa0 vu \xe2\x9c\x93 \xf0\x9f\x8d\xb0`");
}

TEST(CodeTest, IsNothingForNothing) {
    for (const char* text : {"", " ", "\n\t", "\xe2\x80\x8b", "\x01\x02"}) {
        EXPECT_EQ(code(text), "") << text;
    }
}

TEST(CodeTest, CannotBeLeft) {
    EXPECT_EQ(code("`` ` @all <b>"), "`'' ' @all <b>`");
    EXPECT_EQ(code("a | b\n\n# c\r\n| d"), "`a / b  # c  / d`");
    EXPECT_EQ(code("a\\`b"), "`a\\'b`");
}

TEST(CodeTest, ShowsNothingInvisible) {
    EXPECT_EQ(code("a\xe2\x80\xae"
                   "b\xe2\x81\xa6"
                   "c\x1b[31m\xef\xbb\xbf"
                   "d"),
              "`a b c [31m d`");
    EXPECT_EQ(code("a\xffz\xc0\x80z\xed\xa0\x80z\xe2\x80"), "`a?z??z???z??`");
}

TEST(CodeTest, IsCutBetweenCharacters) {
    EXPECT_EQ(code(std::string(300, 'a'), 10), "`aaaaaaaaaa...`");
    EXPECT_EQ(code("aaaa\xc3\xa9", 5), "`aaaa...`");
    EXPECT_EQ(code("aaaa\xc3\xa9", 6), "`aaaa\xc3\xa9`");
}

}  // namespace
}  // namespace ccci::bridge
