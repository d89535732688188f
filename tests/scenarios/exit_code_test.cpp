#include <nlohmann/json.hpp>

#include "base/text.hpp"
#include "scenarios/run_scenario.hpp"

// What a step exits with.

namespace ccci::test {
namespace {

struct ExitCase {
    const char* script;
    int code;
    const char* verdict;
};

TEST_F(RunTest, Case35ExitsAsTheJobDoes) {
    const std::vector<ExitCase> table{
        {"exit 0", 0, "passed"},
        {"exit 7", 7, "failed"},
        {"exit 78", 1, "failed: the job exited with 78"},
        {"kill -SEGV $$", 139, "failed: the job died of signal 11"},
        {"kill -KILL $$", 137, "killed: the job was killed"},
    };
    for (const ExitCase& expected : table) {
        ProcessUnderTest step{domain_argv({}, expected.script)};

        EXPECT_EQ(step.exit_code(), expected.code) << expected.script << "\n" << step.output();
        EXPECT_NE(step.output().find(expected.verdict), std::string::npos) << step.output();
        EXPECT_TRUE(has_mark("torn-down"));
        remove_mark("torn-down");
        EXPECT_FALSE(has_lock_file());
    }
}

TEST_F(RunTest, Case35TellsNotFoundFromNotExecutable) {
    std::ofstream{dir_.path() / "plain"} << "no program\n";
    ProcessUnderTest missing{
        {CCCI_PROGRAM, "run", "--manager", test::manager(), "--", "no-such-thing"}};
    ProcessUnderTest plain{
        {CCCI_PROGRAM, "run", "--manager", test::manager(), "--", dir_.path() / "plain"}};

    EXPECT_EQ(missing.exit_code(), 127) << missing.output();
    EXPECT_EQ(plain.exit_code(), 126) << plain.output();
}

TEST_F(RunTest, ReportsLeftoversOfAPassedJobAsFailure) {
    ProcessUnderTest step{
        run_argv({"--domain", k_domain, "--teardown", "echo a volume is left; exit 1"}, "exit 0")};

    EXPECT_EQ(step.exit_code(), 123) << step.output();
    EXPECT_NE(step.output().find("TEARDOWN INCOMPLETE"), std::string::npos) << step.output();
    EXPECT_TRUE(has_lock_file()) << "the file is what tells the next run to clean up first";
    EXPECT_TRUE(becomes_lock_free());
}

TEST_F(RunTest, MakesACleanSlateAfterARunThatDidNotFinish) {
    ProcessUnderTest first{run_argv({"--domain", k_domain, "--teardown", "exit 1"}, "exit 0")};
    ASSERT_EQ(first.exit_code(), 123) << first.output();

    ProcessUnderTest second{domain_argv({}, "test -e $MARKS/torn-down")};

    EXPECT_EQ(second.exit_code(), 0) << second.output();
    EXPECT_NE(second.output().find("clean slate"), std::string::npos) << second.output();
}

TEST_F(RunTest, PrintsTheVerdictAsJsonWhenAsked) {
    ProcessUnderTest step{domain_argv({"--json", "--run-id", "72"}, "exit 4")};
    ASSERT_EQ(step.exit_code(), 4);

    const std::string text{base::trim(step.output())};
    const auto line = nlohmann::json::parse(text.substr(text.rfind('\n') + 1));
    EXPECT_EQ(line.at("verdict"), "failed");
    EXPECT_EQ(line.at("exit_code"), 4);
    EXPECT_EQ(line.at("run"), "72");
    EXPECT_EQ(line.at("clean"), true);
}

}  // namespace
}  // namespace ccci::test
