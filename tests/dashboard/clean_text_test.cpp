#include "dashboard/clean_text.hpp"

#include <gtest/gtest.h>

namespace ccci::dashboard {
namespace {

using namespace std::string_view_literals;

TEST(CleanLineTest, LeavesNothingInATextThatIsNotToBeRead) {
    struct {
        std::string_view text;
        std::string_view shown;
    } const table[] = {
        {"", ""},
        {"plain text\twith a tab", "plain text\twith a tab"},
        {"häß 漢字 🙂", "häß 漢字 🙂"},
        {"\x1b[31mred\x1b[0m", "red"},
        {"\x1b[38;5;196;1mbright\x1b[m", "bright"},
        {"\x1b]0;a title\apart", "part"},
        {"\x1b]8;;http://evil.example\x1b\\here\x1b]8;;\x1b\\", "here"},
        {"\x1b(B\x1b=x", "Bx"},
        {"\x1b", ""},
        {"\x1b[12", ""},
        {"\x1b]0;a title without an end", ""},
        {"a\0b"sv, "a�b"},
        {"line\nfeed\rreturn", "line�feed�return"},
        {"\x7f\b", "��"},
        {"\xc2\x9b"
         "31mC1",
         "�31mC1"},
        {"\xff\xfe", "��"},
        {"\xc0\xaf", "��"},
        {"\xe2\x82", "��"},
        {"\xed\xa0\x80", "���"},
        {"\xf4\x90\x80\x80", "����"},
        {"a\u202e"
         "b\u2066"
         "c\u200f"
         "d",
         "a�b�c�d"},
        {"a\u2028b", "a�b"},
        {"\ufffe\ufdd0", "��"},
    };
    for (const auto& row : table) {
        EXPECT_EQ(clean_line(row.text), row.shown) << row.text;
    }
}

TEST(CleanLineTest, CutsBetweenCharacters) {
    EXPECT_EQ(clean_line("abcdef", 6), "abcdef");
    EXPECT_EQ(clean_line("abcdef", 3), "abc…");
    EXPECT_EQ(clean_line("aäb", 2), "a…");
    EXPECT_EQ(clean_line("\x1b[31mabc\x1b[0m", 3), "abc");
    EXPECT_EQ(clean_line(std::string(1'000'000, 'x'), 10), "xxxxxxxxxx…");
}

}  // namespace
}  // namespace ccci::dashboard
