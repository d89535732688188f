#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <regex>
#include <set>

#include "base/text.hpp"
#include "cli/command_tree.hpp"
#include "cli/program.hpp"
#include "docs/page.hpp"
#include "run/config.hpp"

namespace ccci::cli {
namespace {

using nlohmann::json;
using Texts = std::set<std::string>;

/// The lines below each heading of a page in scdoc's language.
std::map<std::string, std::vector<std::string>> sections_of(const std::string& page) {
    std::map<std::string, std::vector<std::string>> sections;
    std::string heading;
    for (const std::string& line : base::split(page, '\n')) {
        if (line.starts_with('#')) {
            heading = line;
            sections[heading];
        } else {
            sections[heading].push_back(line);
        }
    }
    return sections;
}

/// "-n --lines NUMBER" for each line "*-n*, *--lines* _NUMBER_".
Texts options_in(const std::vector<std::string>& lines) {
    Texts options;
    for (const std::string& line : lines) {
        if (line.starts_with("*-")) {
            options.insert(std::regex_replace(line, std::regex{"[*_,]"}, ""));
        }
    }
    return options;
}

Texts options_of(const CommandNode& command) {
    Texts options;
    for (const OptionNode& option : command.options) {
        const std::string names = base::join(option.names, " ");
        options.insert(option.value.kind == Value::Kind::none
                           ? names
                           : names + " " + option.value.placeholder);
    }
    return options;
}

class CommandPageTest : public testing::Test {
protected:
    std::map<std::string, std::vector<std::string>> sections_ =
        sections_of(test::read_page("man/cc-ci.1.scd"));
    Program program_{{}};
    CommandNode tree_ = command_tree(program_.parser());
};

TEST_F(CommandPageTest, HasEveryOptionOfEveryCommandAndNoOther) {
    const Texts everywhere = options_of(tree_);
    EXPECT_EQ(options_in(sections_["# OPTIONS"]), everywhere);
    for (const CommandNode* command : all_commands(tree_)) {
        if (!command->commands.empty()) {
            continue;
        }
        const auto& lines = sections_["## " + command->path.substr(tree_.path.size() + 1)];
        Texts documented = options_in(lines);
        if (std::ranges::count(lines, "It also takes the options of a run, below.") > 0) {
            documented.merge(options_in(sections_["# OPTIONS OF A RUN"]));
        }
        Texts known = options_of(*command);
        for (const std::string& option : everywhere) {
            known.erase(option);
        }
        EXPECT_EQ(documented, known) << command->path;
    }
}

TEST_F(CommandPageTest, HasEveryCommandAndNoOther) {
    Texts known;
    for (const CommandNode* command : all_commands(tree_)) {
        if (command->commands.empty()) {
            known.insert("## " + command->path.substr(tree_.path.size() + 1));
        }
    }
    Texts documented;
    for (const auto& [heading, lines] : sections_) {
        if (heading.starts_with("## ")) {
            documented.insert(heading);
        }
    }
    EXPECT_EQ(documented, known);

    const std::string synopsis = base::join(sections_["# SYNOPSIS"], "\n");
    for (const CommandNode& command : tree_.commands) {
        EXPECT_NE(synopsis.find("*cc-ci* *" + command.name + "*"), std::string::npos)
            << command.name;
    }
}

TEST(ConfigurationFilePageTest, HasEveryKeyWithItsDefaultAndNoOther) {
    const json truth = run::to_json(run::Config{});
    const std::regex key_line{R"(\*([a-z_]+)\*: .*, default (.*))"};
    Texts documented;
    const auto sections = sections_of(test::read_page("man/cc-ci.json.5.scd"));
    for (const std::string& line : sections.at("# KEYS")) {
        std::smatch match;
        if (!std::regex_match(line, match, key_line)) {
            continue;
        }
        const std::string key = match[1];
        const std::string text = base::replace_all(match[2], R"(\\)", "\\");
        run::Config config;
        ASSERT_NO_THROW(run::apply_json(config, {{key, json::parse(text)}}, "the page")) << key;
        EXPECT_EQ(run::to_json(config).at(key), truth.at(key)) << key;
        documented.insert(key);
    }

    Texts known;
    for (const auto& [key, value] : truth.items()) {
        known.insert(key);
    }
    EXPECT_EQ(documented, known);
}

}  // namespace
}  // namespace ccci::cli
