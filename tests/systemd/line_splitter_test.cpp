#include "systemd/line_splitter.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace ccci::systemd {
namespace {

using Lines = std::vector<std::string>;

Lines cut(LineSplitter& splitter, std::string_view bytes) {
    Lines lines;
    while (const auto line = splitter.next(bytes)) {
        lines.emplace_back(*line);
    }
    EXPECT_TRUE(bytes.empty());
    return lines;
}

TEST(LineSplitterTest, GivesLinesWithoutTheirEnds) {
    LineSplitter splitter;

    EXPECT_EQ(cut(splitter, "one\ntwo\n\n three \nfo"), (Lines{"one", "two", "", " three "}));
    EXPECT_EQ(cut(splitter, "ur\nfive"), (Lines{"four"}));
    EXPECT_EQ(splitter.rest(), "five");
    EXPECT_EQ(splitter.rest(), std::nullopt);
    EXPECT_EQ(cut(splitter, "six\n"), (Lines{"six"}));
}

TEST(LineSplitterTest, KeepsEveryByteButTheLineEnd) {
    LineSplitter splitter;

    EXPECT_EQ(cut(splitter, std::string_view{"a\0b\r\n\xff\n", 7}),
              (Lines{std::string{"a\0b\r", 4}, "\xff"}));
}

TEST(LineSplitterTest, CutsALineThatIsTooLong) {
    LineSplitter splitter{4};

    EXPECT_EQ(cut(splitter, "1234\n12345\n123456789"),
              (Lines{"1234", "1234", "5", "1234", "5678"}));
    EXPECT_EQ(cut(splitter, "\n"), (Lines{"9"}));
    // The end of a line that just fits may come later than the line.
    EXPECT_EQ(cut(splitter, "1234"), (Lines{}));
    EXPECT_EQ(cut(splitter, "\n"), (Lines{"1234"}));
    EXPECT_EQ(cut(splitter, "1234"), (Lines{}));
    EXPECT_EQ(cut(splitter, "5"), (Lines{"1234"}));
    EXPECT_EQ(splitter.rest(), "5");
}

TEST(LineSplitterTest, IsTheSameWhereverTheReadsAreCut) {
    const std::string text = "a\n\nbcdefghij\nklmn\nopqrs";
    LineSplitter whole{4};
    Lines expected = cut(whole, text);
    expected.emplace_back(whole.rest().value_or(""));

    for (std::size_t first = 0; first <= text.size(); ++first) {
        for (std::size_t second = first; second <= text.size(); ++second) {
            LineSplitter splitter{4};
            Lines lines = cut(splitter, text.substr(0, first));
            for (const std::string& part :
                 {text.substr(first, second - first), text.substr(second)}) {
                for (std::string& line : cut(splitter, part)) {
                    lines.push_back(std::move(line));
                }
            }
            lines.emplace_back(splitter.rest().value_or(""));
            EXPECT_EQ(lines, expected) << first << ", " << second;
        }
    }
}

}  // namespace
}  // namespace ccci::systemd
