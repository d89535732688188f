#include "cli/suggest.hpp"

#include <gtest/gtest.h>

#include "base/text.hpp"
#include "cli/program.hpp"

namespace ccci::cli {
namespace {

TEST(Suggest, CountsSlips) {
    EXPECT_EQ(edit_distance("", ""), 0);
    EXPECT_EQ(edit_distance("", "ps"), 2);
    EXPECT_EQ(edit_distance("log", "logs"), 1);
    EXPECT_EQ(edit_distance("cnacel", "cancel"), 1) << "two letters that changed places are one";
    EXPECT_EQ(edit_distance("kitten", "sitting"), 3);
}

TEST(Suggest, NamesTheNearestFirst) {
    EXPECT_EQ(nearest("cancle", {"run", "cance", "cancel"}),
              (std::vector<std::string>{"cance", "cancel"}));
    EXPECT_EQ(nearest("267", {"268", "267-2", "999", "276", "26", "27"}),
              (std::vector<std::string>{"268", "276", "26"}))
        << "three at the most";
    EXPECT_TRUE(nearest("frobnicate", {"run", "ps"}).empty());
    EXPECT_TRUE(nearest("x", {"y"}).empty()) << "no letter is right";
    EXPECT_TRUE(nearest(std::string(100'000, 'x'), {"run"}).empty());
}

class UnexpectedTest : public testing::Test {
protected:
    static std::string explain(std::vector<std::string> arguments) {
        Program program{arguments};
        std::reverse(arguments.begin(), arguments.end());
        try {
            program.parser().parse(arguments);
        } catch (const CLI::ParseError&) {
            return explain_unexpected(program.parser(), Program{{}}.parser());
        }
        return "was parsed";
    }
};

TEST_F(UnexpectedTest, SuggestsACommand) {
    EXPECT_EQ(explain({"log"}), "no command 'log'; did you mean 'logs'?");
    EXPECT_EQ(explain({"log", "267"}), "no command 'log'; did you mean 'logs'?");
    EXPECT_EQ(explain({"cancle", "267"}), "no command 'cancle'; did you mean 'cancel'?");
    EXPECT_EQ(explain({"warm", "promot"}), "no command 'promot'; did you mean 'promote'?");
    EXPECT_EQ(explain({"frobnicate"}), "no command 'frobnicate' (cc-ci --help lists them)");
}

TEST_F(UnexpectedTest, SuggestsAnOption) {
    EXPECT_EQ(explain({"ps", "--jsn"}), "no option '--jsn' of cc-ci ps; did you mean '--json'?");
    EXPECT_EQ(explain({"logs", "267", "--sinc=-1h"}),
              "no option '--sinc' of cc-ci logs; did you mean '--since'?");
    EXPECT_EQ(explain({"ps", "--confg", "f"}),
              "no option '--confg' of cc-ci ps; did you mean '--config'?");
    EXPECT_EQ(explain({"ps", "--frobnicate"}),
              "no option '--frobnicate' of cc-ci ps (cc-ci ps --help lists them)");
}

TEST_F(UnexpectedTest, KnowsWhatTakesNoArgument) {
    EXPECT_EQ(explain({"ps", "267"}), "cc-ci ps takes no argument '267'");
    EXPECT_EQ(explain({"ps", "--json"}), "was parsed");
}

}  // namespace
}  // namespace ccci::cli
