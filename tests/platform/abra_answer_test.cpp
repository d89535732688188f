#include "platform/abra_answer.hpp"

#include <gtest/gtest.h>

#include <stdexcept>
#include <utility>
#include <vector>

namespace ccci::platform {
namespace {

std::string service(const std::string& name, const std::string& chaos) {
    return R"({"service": ")" + name + R"(", "chaos": ")" + chaos +
           R"(", "created": "now", "image": "web:1", "ports": "", "state": "running",)" +
           R"( "status": "Up", "version": "1.0.0+1.0.0"})";
}

std::string complaint_about(const std::string& output) {
    try {
        (void)parse_abra_services(output);
    } catch (const std::invalid_argument& error) {
        return error.what();
    }
    return "none";
}

TEST(AbraAnswerTest, IsServicesAmongLogLines) {
    const auto services = parse_abra_services(
        "WARN catalogue is old\n{\"b1\": " + service("db", "true") +
        ",\n\"a2\": " + service("app", "true") + "}\n\x1b[33mINFO\x1b[0m done\n");

    EXPECT_EQ(services, (std::vector<AbraService>{
                            {.name = "app", .chaos = "true", .version = "1.0.0+1.0.0"},
                            {.name = "db", .chaos = "true", .version = "1.0.0+1.0.0"}}));
    EXPECT_EQ(parse_abra_services("{}"), std::vector<AbraService>{});
}

TEST(AbraAnswerTest, IsRefusedWhenItIsOfAnotherForm) {
    const std::vector<std::pair<std::string, std::string>> answers{
        {"", "not JSON"},
        {"no services", "not JSON"},
        {"{}{}", "not JSON"},
        {"[]", "want an object of services"},
        {"null", "want an object of services"},
        {R"({"a": []})", "want an object for each service"},
        {R"({"a": {}})", "a service's service: want a text"},
        {R"({"a": {"service": "app"}})", "a service's chaos: want a text"},
        {R"({"a": {"service": "app", "chaos": true}})", "a service's chaos: want a text"},
        {R"({"a": {"service": "app", "chaos": "true"}})", "a service's version: want a text"}};
    for (const auto& [output, complaint] : answers) {
        EXPECT_EQ(complaint_about(output), complaint) << output;
    }
}

TEST(AbraAnswerTest, IsDoubtedWhenItIsNotOfThisDeploy) {
    const AbraService app{.name = "app", .chaos = "true", .version = "1.0.0+1.0.0"};
    AbraService published = app;
    published.chaos = "false";

    EXPECT_EQ(doubt_about({app}, {"app"}), "");
    EXPECT_EQ(doubt_about({}, {"app"}), "there is no service app");
    EXPECT_EQ(doubt_about({app}, {"app", "db"}), "there is no service db");
    EXPECT_EQ(doubt_about({published}, {"app"}),
              "service app is of the published version 1.0.0+1.0.0");
}

TEST(AbraAnswerTest, IsNotEnoughWhenTheEngineHasAnotherCommit) {
    const auto doubt = [](const std::string& version) {
        ServiceFacts app;
        app.labels["coop-cloud.a_b.chaos-version"] = version;
        return doubt_about_deploy({ServiceFacts{}, app}, "a_b", "1a2b3c4d");
    };

    EXPECT_EQ(doubt("1a2b3c4d"), "");
    EXPECT_EQ(doubt("1a2b3c4d+U"), "");
    EXPECT_EQ(doubt("5e6f7a8b"),
              "the label coop-cloud.a_b.chaos-version is 5e6f7a8b; want 1a2b3c4d");
    EXPECT_EQ(doubt_about_deploy({ServiceFacts{}}, "a_b", "1a2b3c4d"),
              "the label coop-cloud.a_b.chaos-version is none; want 1a2b3c4d");
    EXPECT_EQ(doubt_about_deploy({}, "a_b", "1a2b3c4d"), "the engine has none of its services");
}

TEST(AbraAnswerTest, HasAbrasOwnWordsForAFailure) {
    EXPECT_EQ(fatal_line("INFO x\nFATA one\n\x1b[1;31mFATA\x1b[0m deploy failed\r\nbye\n"),
              "FATA deploy failed");
    EXPECT_EQ(fatal_line("FATA bell\x07\n"), "FATA bell\\x07");
    EXPECT_EQ(fatal_line(R"({"password": "FATA x"})"), "");
    EXPECT_EQ(fatal_line("FATAL\nall is well\n"), "");
}

TEST(AbraAnswerTest, HasAVersion) {
    EXPECT_EQ(find_version("abra version 0.13.0-beta-06a57de\n"), "0.13.0-beta");
    EXPECT_EQ(find_version("abra version 0.13.0-beta"), "0.13.0-beta");
    EXPECT_EQ(find_version("0.14.1\n"), "0.14.1");
    EXPECT_EQ(find_version("abra version 1.0.0-06a57de\n"), "1.0.0");
    for (const char* none : {"", "abra version dev\n", "1.2", "abra 1.2.\n", ".1.2"}) {
        EXPECT_EQ(find_version(none), std::nullopt) << none;
    }
}

TEST(AbraAnswerTest, IsShownWithoutCommandsToATerminal) {
    EXPECT_EQ(plain_line("\x1b[2K\x1b[1;32mdeploying\x1b[0m \x07 \x1b]0;title\x07\n"),
              "deploying \\x07 \\x1b]0;title\\x07");
    EXPECT_EQ(plain_line("\x1b[12;"), "");
}

}  // namespace
}  // namespace ccci::platform
