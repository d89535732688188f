#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <regex>
#include <set>

#include "docs/page.hpp"
#include "run/config.hpp"

namespace ccci::run {
namespace {

using nlohmann::json;

/// The page that becomes cc-ci.json(5).
TEST(ConfigurationFilePageTest, HasEveryKeyWithItsDefaultAndNoOther) {
    const json truth = to_json(Config{});
    const std::regex key_line{R"(- `([a-z_]+)` \(.*, default `(.*)`\):)"};
    std::set<std::string> documented;
    for (const std::string& line : base::split(test::read_page("man/cc-ci.json.md"), '\n')) {
        std::smatch match;
        if (!std::regex_match(line, match, key_line)) {
            continue;
        }
        const std::string key = match[1];
        Config config;
        ASSERT_NO_THROW(apply_json(config, {{key, json::parse(match[2].str())}}, "the page"))
            << key;
        EXPECT_EQ(to_json(config).at(key), truth.at(key)) << key;
        documented.insert(key);
    }

    std::set<std::string> known;
    for (const auto& [key, value] : truth.items()) {
        known.insert(key);
    }
    EXPECT_EQ(documented, known);
}

}  // namespace
}  // namespace ccci::run
