#include "recipe/env_file.hpp"

#include <gtest/gtest.h>

#include "recipe/recipe_error.hpp"

namespace ccci::recipe {
namespace {

std::string value_of(const std::string& line) {
    return parse_env("A=one\nB_2=two\n" + line, "f").back().value;
}

std::string refusal_of_file(const std::string& text) {
    try {
        (void)parse_env(text, ".env.sample");
    } catch (const RecipeError& error) {
        return error.what();
    }
    return "accepted";
}

TEST(EnvFileTest, ReadsValues) {
    const std::vector<std::pair<std::string, std::string>> cases{
        {"X=1", "1"},
        {"X=", ""},
        {"  X = a b  ", "a b"},
        {"X=a#b", "a#b"},
        {"X=a # note", "a"},
        {"X=# note", "# note"},
        {"X= # note", ""},
        {"X=#abc", "#abc"},
        {"X='single $A \\n # kept'", "single $A \\n # kept"},
        {"X=\"double $A\" # note", "double one"},
        {"X=\"a\\nb\"", "a\nb"},
        {"X=\"\\\"q\\\" \\\\ \\$A \\x\"", "\"q\" \\ $A \\x"},
        {"X=$A/${B_2}", "one/two"},
        {"X=$NONE.", "."},
        {"X=$2y$10$abcdef", "$2y$10$abcdef"},
        {"X=${A", "${A"},
        {"X=a=b", "a=b"},
        {"X=', `www.example.com`'", ", `www.example.com`"},
        {"X=dos\r", "dos"},
    };
    for (const auto& [line, expected] : cases) {
        EXPECT_EQ(value_of(line), expected) << line;
    }
}

TEST(EnvFileTest, SkipsCommentsAndEmptyLines) {
    EXPECT_TRUE(parse_env("# A=1\n\n   \n  #B=2\n", "f").empty());
}

TEST(EnvFileTest, KeepsTheCommentOfALine) {
    const std::vector<EnvEntry> entries =
        parse_env("A=v1 # length=32 charset=hex\nB=\"v1\" # x\nC=v1", "f");

    EXPECT_EQ(entries,
              (std::vector<EnvEntry>{
                  {"A", "v1", "length=32 charset=hex"}, {"B", "v1", "x"}, {"C", "v1", ""}}));
}

TEST(EnvFileTest, LetsComposeFileAppendToItself) {
    const Variables variables = to_variables(parse_env(
        "COMPOSE_FILE=\"compose.yml\"\nCOMPOSE_FILE=\"$COMPOSE_FILE:compose.smtp.yml\"\n", "f"));

    EXPECT_EQ(variables.at("COMPOSE_FILE"), "compose.yml:compose.smtp.yml");
}

TEST(EnvFileTest, NamesFileAndLineOfAnError) {
    EXPECT_EQ(refusal_of_file("A=1\nno assignment\n"),
              ".env.sample line 2: want NAME=value, not 'no assignment'");
    EXPECT_EQ(refusal_of_file("export A=1"),
              ".env.sample line 1: want NAME=value, not 'export A=1'");
    EXPECT_EQ(refusal_of_file("\n\nA='x"),
              ".env.sample line 3: the quote is not closed on its line");
    EXPECT_EQ(refusal_of_file("A=\"x"), ".env.sample line 1: the quote is not closed on its line");
    EXPECT_EQ(refusal_of_file("A=\"x\"y"), ".env.sample line 1: 'y' follows the closing quote");
    EXPECT_EQ(refusal_of_file("1A=x").substr(0, 19), ".env.sample line 1:");
}

TEST(EnvFileTest, SetsAValueInItsPlace) {
    EXPECT_EQ(set_in_env("# d\nDOMAIN=x # y\nB=2\n", "DOMAIN", "a.b"), "# d\nDOMAIN=a.b\nB=2\n");
    EXPECT_EQ(set_in_env("#DOMAIN=x\nDOMAINS=y", "DOMAIN", "a.b"),
              "#DOMAIN=x\nDOMAINS=y\nDOMAIN=a.b\n");
    EXPECT_EQ(set_in_env("", "A", "1"), "A=1\n");
}

TEST(EnvFileTest, WritesWhatItReads) {
    for (const char* value : {"plain", "two words", "# no comment", "\"q\"", "$A ${A} $$", "a\\nb",
                              "a\nb", "it's", " x ", ""}) {
        EXPECT_EQ(parse_env("A=one\n" + set_in_env("", "X", value), "f").back().value, value);
    }
}

}  // namespace
}  // namespace ccci::recipe
