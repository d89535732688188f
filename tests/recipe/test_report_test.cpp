#include "recipe/test_report.hpp"

#include <gtest/gtest.h>

namespace ccci::recipe {
namespace {

std::optional<Checks> tap(const std::string& text) {
    TapReader reader;
    reader.feed(text);
    return reader.result();
}

TEST(TapTest, CountsWhatIsPassedFailedAndSkipped) {
    EXPECT_EQ(tap("TAP version 13\n1..5\nok 1 - a\nnot ok 2 - b\nok 3 # SKIP no mail\n"
                  "not ok 4 - later # todo\nok\n"),
              (Checks{.passed = 3, .failed = 1, .skipped = 1}));
    EXPECT_EQ(tap("ok 1\r\nok 2\r\n1..2\r\n"), (Checks{.passed = 2, .failed = 0, .skipped = 0}));
    EXPECT_EQ(tap("1..0 # SKIP nothing here\n"), (Checks{}));
}

TEST(TapTest, IsNotSeenInWhatHasNoPlan) {
    EXPECT_EQ(tap("ok\nok then\n"), std::nullopt);
    EXPECT_EQ(tap("not ok 1\n"), std::nullopt);
    EXPECT_EQ(tap("1..x\n1..\n1..99999999999999\n1..-3\n1..3x\n 1..2\n"), std::nullopt);
}

TEST(TapTest, CountsAsFailedWhatDidNotCome) {
    EXPECT_EQ(tap("1..3\nok 1\n"), (Checks{.passed = 1, .failed = 2, .skipped = 0}));
    EXPECT_EQ(tap("1..1\nok 1\nBail out! no database\n"),
              (Checks{.passed = 1, .failed = 1, .skipped = 0}));
}

TEST(TapTest, LeavesOtherLinesAlone) {
    EXPECT_EQ(tap("1..1\nokay\nnot okay\n    not ok 1 - of a subtest\nok 1 - the # of things\n"),
              (Checks{.passed = 1, .failed = 0, .skipped = 0}));
}

TEST(TapTest, ReadsOutputInAnyParts) {
    const std::string text = "1..2\nok 1 " + std::string(10'000, 'x') + "\nnot ok 2";
    TapReader reader;
    for (const char c : text) {
        reader.feed(std::string_view{&c, 1});
    }
    EXPECT_EQ(reader.result(), (Checks{.passed = 1, .failed = 1, .skipped = 0}));
}

TEST(ReadJunitTest, CountsTheCases) {
    EXPECT_EQ(read_junit("<testsuites><testsuite><testcase/><testcase><failure/></testcase>"
                         "<testcase><error/></testcase></testsuite>"
                         "<testcase><skipped/></testcase></testsuites>"),
              (Checks{.passed = 1, .failed = 2, .skipped = 1}));
    EXPECT_EQ(read_junit("<testsuite/>"), (Checks{}));
}

TEST(ReadJunitTest, RefusesOtherFiles) {
    EXPECT_EQ(read_junit(""), std::nullopt);
    EXPECT_EQ(read_junit("<html><testcase/></html>"), std::nullopt);
    EXPECT_EQ(read_junit("<testsuite><testcase>"), std::nullopt);
}

TEST(ChecksTest, AreDescribed) {
    EXPECT_EQ(describe(Checks{.passed = 1, .failed = 0, .skipped = 0}), "1 check");
    EXPECT_EQ(describe(Checks{.passed = 2, .failed = 2, .skipped = 1}), "2 of 5 checks failed");
}

}  // namespace
}  // namespace ccci::recipe
