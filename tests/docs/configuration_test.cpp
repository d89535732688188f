#include <gtest/gtest.h>

#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "docs/page.hpp"
#include "run/config.hpp"

namespace ccci {
namespace {

using nlohmann::json;

class ConfigurationPageTest : public testing::Test {
protected:
    /// The rows of four cells are those of the keys.
    std::map<std::string, std::string> defaults_by_key() const {
        std::map<std::string, std::string> defaults;
        for (const auto& row : test::rows_about_code(page_)) {
            if (row.size() == 4) {
                defaults[test::code_in(row[0])] = test::code_in(row[2]);
            }
        }
        return defaults;
    }

    std::string page_ = test::read_page("configuration.md");
};

TEST_F(ConfigurationPageTest, HasEveryKeyAndNoOther) {
    std::set<std::string> documented;
    for (const auto& [key, value] : defaults_by_key()) {
        documented.insert(key);
    }

    const json truth = run::to_json(run::Config{});
    std::set<std::string> known;
    for (const auto& [key, value] : truth.items()) {
        known.insert(key);
    }

    EXPECT_EQ(documented, known);
}

TEST_F(ConfigurationPageTest, SaysTheTrueDefaults) {
    const json truth = run::to_json(run::Config{});

    for (const auto& [key, value] : defaults_by_key()) {
        run::Config config;
        ASSERT_NO_THROW(run::apply_json(config, {{key, json::parse(value)}}, "the page")) << key;
        EXPECT_EQ(run::to_json(config).at(key), truth.at(key)) << key;
    }
}

TEST_F(ConfigurationPageTest, HasExamplesThatAreAccepted) {
    const auto examples = test::blocks(page_, "json");

    ASSERT_FALSE(examples.empty());
    for (const std::string& example : examples) {
        run::Config config;
        EXPECT_NO_THROW(run::apply_json(config, json::parse(example), "the page")) << example;
    }
}

TEST_F(ConfigurationPageTest, NamesTheKeyThatAVariableSets) {
    const std::map<std::string, std::string> values{
        {"lock_dir", "/a"}, {"runs_dir", "/b"}, {"base_domain", "c.d"}, {"platform", "command"}};
    std::size_t checked = 0;
    for (const auto& row : test::rows_about_code(page_)) {
        const std::string variable = test::code_in(row[0]);
        if (row.size() != 2 || !row[1].starts_with('`')) {
            continue;
        }
        const std::string key = row[1].substr(1, row[1].find('`', 1) - 1);
        const auto value = values.find(key);
        ASSERT_NE(value, values.end()) << variable;
        run::Config config;

        run::apply_environment(config, {variable + "=" + value->second});

        EXPECT_EQ(run::to_json(config).at(key), value->second) << variable;
        ++checked;
    }
    EXPECT_EQ(checked, values.size());
}

}  // namespace
}  // namespace ccci
