#include "recipe/lint_rules.hpp"

#include <gtest/gtest.h>

#include <map>

namespace ccci::recipe {
namespace {

using Problems = std::vector<std::string>;

/// A recipe that keeps every rule.
LintFacts tidy() {
    LintFacts facts;
    facts.compose.formats = {"3.8"};
    facts.compose.services = {
        {"app", "registry.example.net:5000/app:v1.2", true, {"traefik.enable=true"}},
        {"db", "db@sha256:abc", true, {}}};
    facts.compose.configs = {{"page", "${STACK_NAME}_page_${PAGE_VERSION}"}};
    facts.compose.external_secrets = {{"db_password", "x_db_password_v1"}};
    facts.abra_exports = {{"PAGE_VERSION", "v1"}};
    facts.has_history = true;
    facts.versions = {{"1.0.0+1.2", true}};
    return facts;
}

/// The rules that are not kept, and what they say.
std::map<std::string, Problems> broken(const LintFacts& facts) {
    std::map<std::string, Problems> result;
    for (const LintFinding& finding : lint(facts)) {
        if (!finding.problems.empty()) {
            result[finding.rule + (finding.warning ? " warning" : "")] = finding.problems;
        }
    }
    return result;
}

TEST(LintRulesTest, FindNothingInATidyRecipe) {
    EXPECT_EQ(broken(tidy()), (std::map<std::string, Problems>{}));
}

TEST(LintRulesTest, LookAtTheImages) {
    LintFacts facts = tidy();
    facts.compose.services = {{"app", "host:5000/app", true, {"traefik.enable=true"}},
                              {"cache", "cache:latest", true, {}},
                              {"db", "", true, {}},
                              {"web", "web:stable-1", true, {}}};

    EXPECT_EQ(
        broken(facts),
        (std::map<std::string, Problems>{
            {"R003",
             {"service app: image host:5000/app has no tag, so it is another one every day"}},
            {"R004", {"service cache: image cache:latest has a tag that moves; name a release"}},
            {"R005 warning",
             {"service cache: image cache:latest has a tag that does not begin with a version "
              "number",
              "service web: image web:stable-1 has a tag that does not begin with a version "
              "number"}},
            {"R011", {"service db: no image"}}}));
}

TEST(LintRulesTest, LookAtTheServices) {
    LintFacts facts = tidy();
    facts.compose.services = {{"web", "web:1", false, {}}};
    facts.compose.formats = {"3.8", "3.4"};

    EXPECT_EQ(broken(facts),
              (std::map<std::string, Problems>{
                  {"R001 warning", {"want version: \"3.8\" at the top of every compose file"}},
                  {"R002 warning",
                   {"service web: no healthcheck, so it counts as up when its process runs"}},
                  {"R009", {"no service is called app, which is the one that answers"}},
                  {"R010 warning",
                   {"no service has the label traefik.enable=true, so no proxy leads to the "
                    "app"}}}));
    facts.compose.formats = {};
    EXPECT_TRUE(broken(facts).contains("R001 warning"));
}

TEST(LintRulesTest, LookAtConfigsAndSecrets) {
    LintFacts facts = tidy();
    facts.compose.configs = {{"bare", ""},
                             {"good", "${STACK_NAME}_good_${PAGE_VERSION}"},
                             {"page", "${STACK_NAME}_page_${OTHER_VERSION}"},
                             {"strange", "${"}};
    facts.compose.external_secrets = {{"thirteen_char", "x"}, {"twelve_chars", "y"}};

    EXPECT_EQ(broken(facts),
              (std::map<std::string, Problems>{
                  {"R012",
                   {"config bare: has no name with a version in it, and the Swarm refuses to "
                    "change a config",
                    "config page: abra.sh does not export OTHER_VERSION"}},
                  {"R015 warning", {"secret thirteen_char: has more than 12 characters"}}}));
}

TEST(LintRulesTest, LookAtTheTags) {
    LintFacts facts = tidy();
    facts.versions = {{"2.0.0+1", false}, {"1.0.0+1", false}, {"1.1.0+1", true}};
    EXPECT_EQ(broken(facts),
              (std::map<std::string, Problems>{
                  {"R014",
                   {"tag 1.0.0+1: is a lightweight one, which abra does not deploy; make it with "
                    "git tag -a",
                    "tag 2.0.0+1: is a lightweight one, which abra does not deploy; make it with "
                    "git tag -a"}}}));

    facts.versions.clear();
    EXPECT_TRUE(broken(facts).contains("R006 warning"));
    facts.has_history = false;
    EXPECT_TRUE(broken(facts).empty());
}

}  // namespace
}  // namespace ccci::recipe
