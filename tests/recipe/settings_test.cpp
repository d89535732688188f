#include "recipe/settings.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "base/files.hpp"
#include "recipe/env_file.hpp"
#include "recipe/recipe_error.hpp"
#include "support/json_schema.hpp"

namespace ccci::recipe {
namespace {

using std::chrono::minutes;

Settings settings_of(const std::string& text) {
    Settings settings = default_settings({});
    apply_settings(settings, text, "tests/cc-ci.json", "recipe");
    return settings;
}

std::string settings_refusal(const std::string& text) {
    try {
        (void)settings_of(text);
    } catch (const RecipeError& error) {
        return error.what();
    }
    return "accepted";
}

constexpr const char* k_everything = R"({
    "health": {"path": "/health?full=1", "codes": [200, 204]},
    "timeouts": {"health": "10min", "converge": "90s", "pull": "1h"},
    "env": {"GREETING": "it's $5 \"net\" # and more", "COMPOSE_FILE": "compose.yml:compose.db.yml"},
    "skip": {"upgrade": "the first version", "backup": "no data", "restore": "no data"},
    "dependencies": [{"recipe": "keycloak", "ref": "2.0.0+26.0.1"}, {"recipe": "mail"}]
})";

TEST(SettingsTest, AreTheConfigurationsWhereNobodySaysMore) {
    const run::Config config;

    const Settings settings = settings_of("{}");

    EXPECT_EQ(settings.health_path, "");
    EXPECT_EQ(settings.health_codes, config.health_codes);
    EXPECT_EQ(settings.health_timeout, config.health_timeout);
    EXPECT_EQ(settings.converge_timeout, config.converge_timeout);
    EXPECT_EQ(settings.pull_timeout, config.pull_timeout);
    EXPECT_TRUE(settings.origin.empty());
}

TEST(SettingsTest, AreRead) {
    const Settings settings = settings_of(k_everything);

    EXPECT_EQ(settings.health_path, "/health?full=1");
    EXPECT_EQ(settings.health_codes, (std::vector<int>{200, 204}));
    EXPECT_EQ(settings.health_timeout, minutes{10});
    EXPECT_EQ(settings.converge_timeout, std::chrono::seconds{90});
    EXPECT_EQ(settings.pull_timeout, minutes{60});
    EXPECT_EQ(settings.env.at("GREETING"), "it's $5 \"net\" # and more");
    EXPECT_EQ(settings.skip.at(naming::Tier::backup), "no data");
    EXPECT_EQ(settings.dependencies,
              (std::vector<Dependency>{{"keycloak", "2.0.0+26.0.1"}, {"mail", ""}}));
    EXPECT_EQ(settings.origin.at("timeouts.pull"), "recipe");
}

TEST(SettingsTest, OfTheOperatorWinKeyByKey) {
    Settings settings = settings_of(k_everything);

    apply_settings(settings, R"({"health": {"path": "/"}, "env": {"GREETING": "hello", "X": "1"}})",
                   "/etc/site/wiki/cc-ci.json", "site");

    EXPECT_EQ(settings.health_path, "/");
    EXPECT_EQ(settings.health_codes, (std::vector<int>{200, 204}));
    EXPECT_EQ(settings.env.at("GREETING"), "hello");
    EXPECT_EQ(settings.env.at("COMPOSE_FILE"), "compose.yml:compose.db.yml");
    EXPECT_EQ(settings.origin.at("health.path"), "site");
    EXPECT_EQ(settings.origin.at("health.codes"), "recipe");
    EXPECT_EQ(settings.origin.at("env.X"), "site");

    apply_settings(settings, R"({"dependencies": []})", "/etc/site/wiki/cc-ci.json", "site");
    EXPECT_TRUE(settings.dependencies.empty());
}

TEST(SettingsTest, AreRefusedWithFileAndKey) {
    const std::vector<std::pair<std::string, std::string>> cases{
        {"", "not JSON: byte 1"},
        {"{\"a\": 1e999}", "has a number that is out of range"},
        {std::string(100, '['), "not JSON: byte 101"},
        {std::string(100, '[') + std::string(100, ']'), "is nested too deep"},
        {"[]", "want one JSON object"},
        {R"({"helth": {}})", "unknown key 'helth'"},
        {R"({"a\nb": {}})", "unknown key 'a\\x0ab'"},
        {R"({"health": "/x"})", "key 'health': want an object, not \"/x\""},
        {R"({"health": {"url": "/x"}})", "unknown key 'health.url'"},
        {R"({"health": {"path": 7}})",
         "key 'health.path': want a path of a URL such as \"/health\", not 7"},
        {R"({"health": {"path": "x"}})",
         "key 'health.path': want a path of a URL such as \"/health\", not \"x\""},
        {R"({"health": {"path": "/a b"}})",
         "key 'health.path': want a path of a URL such as \"/health\", not \"/a b\""},
        {R"({"health": {"codes": []}})",
         "key 'health.codes': want a list of HTTP status codes, not []"},
        {R"({"health": {"codes": [200, 1000]}})",
         "key 'health.codes': want a list of HTTP status codes, not [200,1000]"},
        {R"({"timeouts": {"health": 5}})",
         "key 'timeouts.health': want a time span such as \"10min\", not 5"},
        {R"({"timeouts": {"pull": "0s"}})",
         "key 'timeouts.pull': want a time span such as \"10min\", not \"0s\""},
        {R"({"timeouts": {"deadline": "5s"}})", "unknown key 'timeouts.deadline'"},
        {R"({"env": {"A": 1}})", "key 'env.A': want one line of text, not 1"},
        {R"({"env": {"A": "x\ny"}})", "key 'env.A': want one line of text, not \"x\\ny\""},
        {R"({"env": {"A-B": "x"}})", "key 'env.A-B': is no name of a variable"},
        {R"({"env": {"DOCKER_HOST": "x"}})",
         "key 'env.DOCKER_HOST': cannot be set: it steers the deploy itself"},
        {R"({"env": {"LD_PRELOAD": "x"}})",
         "key 'env.LD_PRELOAD': cannot be set: it steers the deploy itself"},
        {R"({"env": {"DOMAIN": "x"}})", "key 'env.DOMAIN': cannot be set: it is the run's own"},
        {R"({"skip": {"install": "why not"}})", "unknown key 'skip.install'"},
        {R"({"skip": {"upgrade": true}})", "key 'skip.upgrade': want one line of text, not true"},
        {R"({"dependencies": {}})", "key 'dependencies': want a list of at most 8, not {}"},
        {R"({"dependencies": [1]})",
         "key 'dependencies': want a list of objects with a recipe and perhaps a ref, not 1"},
        {R"({"dependencies": [{"recipe": "a", "domain": "x"}]})",
         "key 'dependencies': want a list of objects with a recipe and perhaps a ref, not "
         "{\"domain\":\"x\",\"recipe\":\"a\"}"},
        {R"({"dependencies": [{"recipe": "a"}, {"recipe": "a"}]})",
         "key 'dependencies': has a twice"},
        {R"({"skip": {"upgrade": " "}})", "key 'skip.upgrade': want the reason, not \" \""},
    };
    for (const auto& [text, reason] : cases) {
        EXPECT_EQ(settings_refusal(text), "tests/cc-ci.json: " + reason) << text;
    }
}

TEST(SettingsTest, HaveTheFormOfTheirSchema) {
    using nlohmann::json;
    const test::JsonSchema schema{
        json::parse(base::try_read_file(CCCI_SOURCE_DIR "/docs/schemas/recipe-settings.schema.json")
                        .value_or(""))};

    for (const char* text : {k_everything,
                             "{}",
                             "[]",
                             R"({"helth": {}})",
                             R"({"health": []})",
                             R"({"health": {"path": "x"}})",
                             R"({"health": {"path": "/a b"}})",
                             R"({"health": {"path": 7}})",
                             R"({"health": {"codes": []}})",
                             R"({"health": {"codes": [99]}})",
                             R"({"health": {"codes": ["200"]}})",
                             R"({"timeouts": {"health": 5}})",
                             R"({"timeouts": {"health": "soon"}})",
                             R"({"timeouts": {"deadline": "5s"}})",
                             R"({"env": {"A": 1}})",
                             R"({"env": {"A-B": ""}})",
                             R"({"env": {"A": "x\ny"}})",
                             R"({"env": {"A": ""}})",
                             R"({"skip": {"install": "x"}})",
                             R"({"skip": {"upgrade": true}})",
                             R"({"skip": {"lint": "x"}})",
                             R"({"dependencies": []})",
                             R"({"dependencies": [{}]})",
                             R"({"dependencies": [{"recipe": "../x"}]})",
                             R"({"dependencies": [{"ref": "x"}]})",
                             R"({"dependencies": [{"recipe": "x", "ref": "--upload-pack=x"}]})",
                             R"({"dependencies": [{"recipe": "x", "ref": 1}]})",
                             R"({"dependencies": [{"recipe": "x", "url": ""}]})"}) {
        EXPECT_EQ(schema.first_error(json::parse(text)).empty(),
                  settings_refusal(text) == "accepted")
            << text << "\nschema: " << schema.first_error(json::parse(text))
            << "\nparser: " << settings_refusal(text);
    }
}

}  // namespace
}  // namespace ccci::recipe
