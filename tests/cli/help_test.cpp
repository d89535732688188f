#include "cli/help_text.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "base/process.hpp"
#include "base/text.hpp"
#include "cli/describe.hpp"
#include "cli/program.hpp"
#include "docs/page.hpp"
#include "help/page.hpp"

namespace ccci::cli {
namespace {

using Texts = std::set<std::string>;

Texts subjects_of(const std::vector<help::Entry>& entries) {
    Texts subjects;
    for (const help::Entry& entry : entries) {
        EXPECT_TRUE(subjects.insert(entry.subject).second) << entry.subject << " is there twice";
    }
    return subjects;
}

Texts subjects_of(const std::vector<OptionNode>& options) {
    Texts subjects;
    for (const OptionNode& option : options) {
        subjects.insert(subject_of(option));
    }
    return subjects;
}

/// Without the white space, which depends on the width.
std::string squeezed(std::string text) {
    std::erase_if(text, [](char c) { return c == ' ' || c == '\n'; });
    return text;
}

void expect_sentences(const std::vector<help::Entry>& entries) {
    for (const help::Entry& entry : entries) {
        EXPECT_FALSE(entry.sentences.empty()) << entry.subject;
        for (const std::string& sentence : entry.sentences) {
            EXPECT_TRUE(sentence.ends_with('.')) << entry.subject << ": " << sentence;
            EXPECT_EQ(sentence.find_first_of("*`"), std::string::npos) << sentence;
        }
    }
}

class HelpTest : public testing::Test {
protected:
    CommandNode tree_ = command_tree(Program{{}}.parser());
    help::Page program_page_ = help::find_page("cc-ci").value();
};

TEST_F(HelpTest, HasAPageForEveryCommandAndNoOther) {
    Texts known;
    for (const CommandNode* command : all_commands(tree_)) {
        known.insert(command->path);
    }
    Texts documented;
    for (const help::Page& page : help::all_pages()) {
        documented.insert(page.command);
    }
    EXPECT_EQ(documented, known);
}

TEST_F(HelpTest, HasATextForEveryOptionAndNoOther) {
    for (const CommandNode* command : all_commands(tree_)) {
        const help::Page page = help::find_page(command->path).value();
        const Texts known = subjects_of(command->options);
        Texts documented = subjects_of(page.options);
        for (const std::string& everywhere : subjects_of(program_page_.options)) {
            if (known.contains(everywhere)) {
                documented.insert(everywhere);
            }
        }
        EXPECT_EQ(documented, known) << command->path;
        expect_sentences(page.options);
    }
}

TEST_F(HelpTest, SaysOfEachCommandWhatItsPageSays) {
    for (const CommandNode* command : all_commands(tree_)) {
        const help::Page page = help::find_page(command->path).value();
        EXPECT_TRUE(page.summary.ends_with('.')) << page.summary;
        ASSERT_FALSE(page.usage.empty()) << command->path;
        EXPECT_TRUE(page.usage.front().starts_with(command->path)) << page.usage.front();

        std::map<std::string, std::string> below;
        for (const CommandNode& each : command->commands) {
            below[each.path] = help::find_page(each.path).value().summary;
        }
        std::map<std::string, std::string> said;
        for (const help::Entry& entry : page.commands) {
            said[entry.subject] = base::join(entry.sentences, " ");
        }
        EXPECT_EQ(said, below) << command->path;
    }
}

TEST_F(HelpTest, HasAManPageThatIsInstalled) {
    const std::string installed = test::read_page("../tests/packaging/installed.list");
    for (const help::Page& page : help::all_pages()) {
        const std::string name = help::man_page_name(page.command);
        EXPECT_NE(installed.find("/man1/" + name + ".1\n"), std::string::npos) << name;
    }
}

TEST_F(HelpTest, DescribesEverythingForCompletions) {
    describe(tree_);

    for (const CommandNode* command : all_commands(tree_)) {
        EXPECT_NE(command->description, "") << command->path;
        for (const OptionNode& option : command->options) {
            EXPECT_NE(option.description, "") << command->path << " " << option.names.back();
        }
    }
    EXPECT_EQ(tree_.commands.front().options.front().description,
              "Prints the options of the program, or of the command, and exits");
}

/// As a user gets it, of every command.
TEST_F(HelpTest, IsPrintedWithEveryOption) {
    for (const CommandNode* command : all_commands(tree_)) {
        std::vector<std::string> call = base::split(command->path, ' ');
        call.front() = CCCI_PROGRAM;
        call.emplace_back("--help");
        const base::Output output =
            base::run_and_capture({.argv = call, .environment = base::own_environment()});

        ASSERT_EQ(output.status.shell_code(), 0) << output.text;
        const help::Page page = help::find_page(command->path).value();
        const std::string text = squeezed(output.text);
        EXPECT_TRUE(output.text.starts_with(page.summary.substr(0, 20))) << output.text;
        EXPECT_TRUE(output.text.ends_with("\nThere is more in " +
                                          help::man_page_name(command->path) + "(1).\n"))
            << output.text;
        for (const std::string& usage : page.usage) {
            EXPECT_NE(text.find(squeezed(usage)), std::string::npos) << usage;
        }
        for (const OptionNode& option : command->options) {
            const help::Entry* entry = page.option(subject_of(option));
            entry = entry != nullptr ? entry : program_page_.option(subject_of(option));
            ASSERT_NE(entry, nullptr) << subject_of(option);
            EXPECT_NE(text.find(squeezed(entry->subject + base::join(entry->sentences, ""))),
                      std::string::npos)
                << command->path << " " << entry->subject;
        }
        for (const std::string& line : base::split(output.text, '\n')) {
            EXPECT_LE(line.size(), 80U) << line;
        }
    }
}

TEST_F(HelpTest, IsPrintedInsteadOfNothing) {
    const base::Output output =
        base::run_and_capture({.argv = {CCCI_PROGRAM}, .environment = base::own_environment()});

    EXPECT_EQ(output.status.code, 2);
    EXPECT_EQ(output.text, help_text(tree_, "cc-ci", 80));
}

TEST_F(HelpTest, FitsTheTerminal) {
    for (const std::size_t width : {40U, 60U, 200U}) {
        for (const std::string& line : base::split(help_text(tree_, "cc-ci ps", width), '\n')) {
            EXPECT_LE(line.size(), width) << line;
        }
    }
}

TEST(WrappedTest, BreaksBetweenWords) {
    EXPECT_EQ(wrapped("one two three", 0, 80), "one two three\n");
    EXPECT_EQ(wrapped("one two three", 0, 7), "one two\nthree\n");
    EXPECT_EQ(wrapped("one two three", 0, 8), "one two\nthree\n");
    EXPECT_EQ(wrapped("one two three", 2, 8), "  one\n  two\n  three\n");
    EXPECT_EQ(wrapped("", 2, 8), "  \n");
}

TEST(WrappedTest, BreaksAListOfWords) {
    EXPECT_EQ(wrapped("--state one|two|three", 2, 80), "  --state one|two|three\n");
    EXPECT_EQ(wrapped("--state one|two|three", 2, 14), "  --state one|\n  two|three\n");
    EXPECT_EQ(wrapped("x one|two|three", 0, 13), "x\none|two|three\n");
}

TEST(WrappedTest, KeepsOtherWordsWhole) {
    EXPECT_EQ(wrapped("a documentation b", 0, 5), "a\ndocumentation\nb\n");
}

TEST(WrappedTest, CountsColumnsAndNotBytes) {
    EXPECT_EQ(wrapped("\u00e4\u00f6\u00fc \u00e4\u00f6", 0, 6),
              "\u00e4\u00f6\u00fc \u00e4\u00f6\n");
}

}  // namespace
}  // namespace ccci::cli
