#include "cli/completion.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "base/process.hpp"
#include "base/text.hpp"
#include "cli/program.hpp"
#include "support/temp_dir.hpp"

namespace ccci::cli {
namespace {

namespace fs = std::filesystem;
using Kind = Value::Kind;

// --- the tree

const CommandNode* find_command(const CommandNode& tree, const std::string& path) {
    for (const CommandNode* node : all_commands(tree)) {
        if (node->path == path) {
            return node;
        }
    }
    return nullptr;
}

const OptionNode* find_option(const CommandNode& command, const std::string& name) {
    for (const OptionNode& option : command.options) {
        if (std::ranges::count(option.names, name) > 0) {
            return &option;
        }
    }
    return nullptr;
}

TEST(CommandTreeTest, HasWhatThePlaceholdersSay) {
    CLI::App program{"", "p"};
    std::string text;
    program.add_option("--config", text)->type_name("FILE");
    program.fallthrough();
    CLI::App* below = program.add_subcommand("sub");
    below->add_option("-o,--output", text)->type_name("a|b");
    below->add_option("RUN", text)->type_name("");
    below->add_flag("--quiet");

    const CommandNode tree = command_tree(program);
    const CommandNode* sub = find_command(tree, "p sub");

    ASSERT_NE(sub, nullptr);
    EXPECT_EQ(sub->argument.kind, Kind::run_or_domain);
    EXPECT_FALSE(sub->takes_more_arguments);
    EXPECT_EQ(find_option(*sub, "--quiet")->value.kind, Kind::none);
    EXPECT_EQ(find_option(*sub, "--output")->value.words, (std::vector<std::string>{"a", "b"}));
    EXPECT_EQ(find_option(*sub, "--output"), find_option(*sub, "-o"));
    EXPECT_EQ(find_option(*sub, "--config")->value.kind, Kind::file);
}

TEST(CommandTreeTest, HasAllOfTheProgram) {
    const Program program{{}};
    const CommandNode tree = command_tree(program.parser());

    for (const char* path : {"cc-ci run", "cc-ci warm promote", "cc-ci completion"}) {
        ASSERT_NE(find_command(tree, path), nullptr) << path;
        EXPECT_NE(find_option(*find_command(tree, path), "--config"), nullptr) << path;
        EXPECT_EQ(find_option(*find_command(tree, path), "--version"), nullptr) << path;
    }
    for (const char* path : {"cc-ci logs", "cc-ci cancel"}) {
        EXPECT_EQ(find_command(tree, path)->argument.kind, Kind::run_or_domain) << path;
    }
    EXPECT_TRUE(find_command(tree, "cc-ci cancel")->takes_more_arguments);
    EXPECT_FALSE(find_command(tree, "cc-ci logs")->takes_more_arguments);
}

/// Another program's words may be anything.
TEST(CompletionTextTest, QuotesWhatTheShellWouldRead) {
    CLI::App program{"", "cc-ci"};
    program.add_subcommand("it");
    CommandNode tree = command_tree(program);
    tree.commands.front().description = "isn't [one] \\ a:b";

    EXPECT_NE(zsh_completion(tree).find(R"('it:isn'\''t [one] \\ a\:b')"), std::string::npos);
    EXPECT_NE(fish_completion(tree).find(R"('isn\'t [one] \\ a:b')"), std::string::npos);
}

// --- the real shells

class CompletionTest : public testing::Test {
protected:
    void SetUp() override {
        environment_ = base::own_environment();
        const std::string path = fs::path{CCCI_PROGRAM}.parent_path().native() + ":" +
                                 base::find_variable(environment_, "PATH").value_or("");
        base::set_variable(environment_, "PATH", path);
        base::set_variable(environment_, "HOME", dir_.path().native());
        base::set_variable(environment_, "CCCI_RUNS_DIR", runs_.native());
        fs::create_directory(dir_.path() / "locks");
        base::set_variable(environment_, "CCCI_APP_LOCK_DIR", (dir_.path() / "locks").native());
        base::set_variable(environment_, "TERM", "dumb");
        (void)run({"cc-ci", "run", "--manager", "none", "--run-id", "3017", "--domain", k_domain,
                   "--teardown", "true", "--", "true"});
        std::ofstream{dir_.path() / "settings.json"} << "{}";
    }

    /// What the command prints, in a directory of its own; it must succeed.
    std::string run(const std::vector<std::string>& argv) const {
        const base::Output output = base::run_and_capture(
            {.argv = argv, .environment = environment_, .directory = dir_.path()});
        EXPECT_EQ(output.status.shell_code(), 0) << base::join(argv, " ") << "\n" << output.text;
        return std::string{base::trim(output.text)};
    }

    fs::path script_of(const std::string& shell) const {
        fs::path script = dir_.path() / shell;
        std::ofstream{script} << run({"cc-ci", "completion", shell});
        return script;
    }

    bool has(const std::string& shell) const {
        return base::find_program(shell, *base::find_variable(environment_, "PATH")).has_value();
    }

    static fs::path helper(const std::string& name) {
        return fs::path{CCCI_SOURCE_DIR} / "tests/cli" / name;
    }

    static constexpr const char* k_domain = "shop-0a1b2c.ci.localhost";
    std::vector<std::string> environment_;
    test::TempDir dir_;
    fs::path runs_ = dir_.path() / "runs";
};

TEST_F(CompletionTest, RefusesAnotherShell) {
    const base::Output output = base::run_and_capture(
        {.argv = {"cc-ci", "completion", "tcsh"}, .environment = environment_});

    EXPECT_EQ(output.status.code, 2);
    EXPECT_EQ(output.text, "cc-ci: completion: want bash, zsh or fish, not 'tcsh'\n");
}

TEST_F(CompletionTest, IsThatOfBash) {
    const fs::path script = script_of("bash");
    const auto completed = [&](std::vector<std::string> words) {
        words.insert(words.begin(), {"bash", helper("complete.bash"), script, "cc-ci"});
        return run(words);
    };

    EXPECT_EQ(completed({"ca"}), "cancel");
    EXPECT_EQ(completed({"warm", ""}), "promote\nreconcile\nremove\nlist");
    EXPECT_EQ(completed({"warm", "promote", "--re"}), "--recipe\n--ref");
    EXPECT_EQ(completed({"--config", "x", "run", "--manager", "s"}), "system");
    EXPECT_EQ(completed({"run", "--manager", "=", "u"}), "user");
    EXPECT_EQ(completed({"run", "--manager", "="}), "auto\nsystem\nuser\nnone");
    EXPECT_EQ(completed({"run", "--domain", ""}), "");
    EXPECT_EQ(completed({"run", "--domain", "d", "--js"}), "--json");
    EXPECT_EQ(completed({"--config", "set"}), "settings.json");
    EXPECT_EQ(completed({"logs", "-f", "30"}), "3017");
    EXPECT_EQ(completed({"logs", "3017", "30"}), "");
    EXPECT_EQ(completed({"logs", ""}), std::string{"3017\n"} + k_domain);
    EXPECT_EQ(completed({"cancel", "3017", "sh"}), k_domain);
    EXPECT_EQ(completed({"logs", "--tier", "re"}), "restore");
    EXPECT_EQ(completed({"logs", "-o", ""}), "cat\nshort\njson");
    EXPECT_EQ(completed({"warm", "promote", "--after", ""}), "3017");
    EXPECT_EQ(completed({"run", "--", "--"}), "");
    EXPECT_EQ(completed({"run", "--", ""}), "");

    base::set_variable(environment_, "CCCI_PLATFORM", "nonsense");
    EXPECT_EQ(completed({"logs", ""}), "");
}

TEST_F(CompletionTest, IsThatOfZsh) {
    if (!has("zsh")) {
        GTEST_SKIP() << "needs zsh";
    }
    const fs::path script = script_of("zsh");
    const fs::path answer = dir_.path() / "answer";
    ASSERT_EQ(::mkfifo(answer.c_str(), 0600), 0);
    const std::vector<std::pair<std::string, std::string>> cases{
        {"cc-ci ca", "cc-ci cancel"},
        {"cc-ci warm pr", "cc-ci warm promote"},
        {"cc-ci --config x run --manager=sy", "cc-ci --config x run --manager=system"},
        {"cc-ci --config set", "cc-ci --config settings.json"},
        {"cc-ci logs --fol", "cc-ci logs --follow"},
        {"cc-ci logs -f 30", "cc-ci logs -f 3017"},
        {"cc-ci logs sh", std::string{"cc-ci logs "} + k_domain},
        {"cc-ci cancel 3017 sh", std::string{"cc-ci cancel 3017 "} + k_domain},
        {"cc-ci logs --tier=inst", "cc-ci logs --tier=install"},
        {"cc-ci run -- --dom", "cc-ci run -- --dom"},
    };
    std::vector<std::string> call{"timeout", "30",  "zsh", "-f", helper("complete.zsh"),
                                  script,    answer};
    std::string want;
    for (const auto& [line, completed] : cases) {
        call.push_back(line);
        want += completed + "\n";
    }

    run({"zsh", "-n", script});
    EXPECT_EQ(run(call), base::trim(want));
    EXPECT_EQ(run({"timeout", "30", "zsh", "-f", helper("describe.zsh"), script, answer,
                   "cc-ci prune --old"}),
              "--older-than  -- Those that ended longer ago");
}

TEST_F(CompletionTest, IsThatOfFish) {
    if (!has("fish")) {
        GTEST_SKIP() << "needs fish";
    }
    const fs::path script = script_of("fish");
    // A line each, without the description, which is after a tab.
    const auto completed = [&](const std::string& line) {
        return run({"fish", "--no-config", "--command",
                    "source $argv[1]; complete --do-complete $argv[2] | string replace -r '\\t.*' "
                    "''; true",
                    script, line});
    };

    run({"fish", "--no-execute", script});
    EXPECT_EQ(completed("cc-ci ca"), "cancel");
    EXPECT_EQ(completed("cc-ci warm "), "list\npromote\nreconcile\nremove");
    EXPECT_EQ(completed("cc-ci --config x run --manager s"), "system");
    EXPECT_EQ(completed("cc-ci run --manager=u"), "--manager=user");
    EXPECT_EQ(completed("cc-ci --config set"), "settings.json");
    EXPECT_EQ(completed("cc-ci logs --foll"), "--follow");
    EXPECT_EQ(completed("cc-ci logs -f 3"), "3017");
    EXPECT_EQ(completed("cc-ci logs 3017 3"), "");
    EXPECT_EQ(completed("cc-ci logs sh"), k_domain);
    EXPECT_EQ(completed("cc-ci cancel 3017 sh"), k_domain);
    EXPECT_EQ(completed("cc-ci logs --tier re"), "restore");
    EXPECT_EQ(completed("cc-ci logs -- "), "");
    const std::string described =
        run({"fish", "--no-config", "--command", "source $argv[1]; complete --do-complete $argv[2]",
             script, "cc-ci prune --older"});
    EXPECT_EQ(described, "--older-than\tThose that ended longer ago");

    base::set_variable(environment_, "CCCI_PLATFORM", "nonsense");
    EXPECT_EQ(completed("cc-ci logs "), "");
}

}  // namespace
}  // namespace ccci::cli
