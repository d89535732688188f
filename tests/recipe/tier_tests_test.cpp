#include "recipe/tier_tests.hpp"

#include <gtest/gtest.h>

#include <fstream>

#include "base/process.hpp"
#include "support/temp_dir.hpp"

namespace ccci::recipe {
namespace {

namespace fs = std::filesystem;
using naming::Tier;

class TierTestsTest : public testing::Test {
protected:
    fs::path write(const std::string& name, const std::string& text, bool executable = true) {
        const fs::path file = dir_.path() / name;
        fs::create_directories(file.parent_path());
        std::ofstream{file} << text;
        fs::permissions(file, executable ? fs::perms::owner_all : fs::perms::owner_read);
        return file;
    }
    TestResult run(const std::string& script) {
        const fs::path file = write("recipe/install/t", "#!/bin/sh\n" + script + "\n");
        return run_test({"install/t", "recipe", file}, base::own_environment());
    }

    test::TempDir dir_;
    TestFolders folders_{dir_.path() / "recipe", dir_.path() / "site"};
};

TEST_F(TierTestsTest, AreTheExecutablesOfTheTierRecipeFirst) {
    write("recipe/install/20-b", "#!/bin/sh");
    write("recipe/install/10-a", "#!/bin/sh");
    write("recipe/install/data.txt", "no program", false);
    write("recipe/install/forgotten", "#!/bin/sh", false);
    write("recipe/install/folder/x", "#!/bin/sh");
    write("recipe/upgrade/other", "#!/bin/sh");
    write("site/install/05-s", "#!/bin/sh");

    const FoundTests found = find_tests(folders_, Tier::install);

    std::vector<std::string> names;
    for (const TestFile& test : found.tests) {
        names.push_back(test.origin + " " + test.name);
    }
    EXPECT_EQ(names, (std::vector<std::string>{"recipe install/10-a", "recipe install/20-b",
                                               "site install/05-s"}));
    EXPECT_EQ(found.ignored, std::vector<std::string>{"install/forgotten"});
}

TEST_F(TierTestsTest, MayBeMissingAltogether) {
    EXPECT_TRUE(find_tests(folders_, Tier::install).tests.empty());
    EXPECT_TRUE(find_tests({dir_.path() / "none", {}}, Tier::install).tests.empty());
    EXPECT_TRUE(find_hooks(folders_, "install_steps").empty());
}

TEST_F(TierTestsTest, FindHooksByName) {
    write("recipe/install_steps", "#!/bin/sh");
    write("site/install_steps", "#!/bin/sh");

    EXPECT_EQ(find_hooks(folders_, "install_steps").size(), 2U);
}

TEST_F(TierTestsTest, PassSkipOrFailByTheirExitCode) {
    EXPECT_EQ(run("exit 0").outcome, Outcome::pass);
    EXPECT_EQ(run("exit 77").outcome, Outcome::skip);
    EXPECT_EQ(run("exit 1").outcome, Outcome::fail);
    EXPECT_EQ(run("exit 7").message, "exit 7");
    EXPECT_EQ(run("kill -9 $$").message, "signal 9 (Killed)");
    EXPECT_EQ(run("test \"$(pwd)\" = \"$(dirname \"$0\")\"").outcome, Outcome::pass);
}

TEST_F(TierTestsTest, FailWhenTheyCannotBeExecuted) {
    const fs::path file = write("recipe/install/t", "#!/no/such/interpreter\n");

    const TestResult result = run_test({"install/t", "recipe", file}, base::own_environment());

    EXPECT_EQ(result.outcome, Outcome::fail);
    EXPECT_EQ(result.message.substr(0, 8), "execute ");
}

TEST_F(TierTestsTest, AreBelievedWhatTheyCount) {
    const TestResult good = run("printf '1..2\\nok 1\\nok 2\\n'");
    EXPECT_EQ(good.outcome, Outcome::pass);
    EXPECT_EQ(good.checks, (Checks{.passed = 2, .failed = 0, .skipped = 0}));
    EXPECT_EQ(describe_tests({good}).substr(0, 28), "1 test passed with 2 checks ");

    const TestResult bad = run("printf '1..2\\nnot ok 1\\n' >&2");
    EXPECT_EQ(bad.outcome, Outcome::fail);
    EXPECT_EQ(bad.message, "exit 0, 2 of 2 checks failed");
    EXPECT_EQ(run("printf '1..1\\nok 1\\n'; exit 3").outcome, Outcome::fail);
    EXPECT_EQ(run("echo ok").checks, std::nullopt);
}

TEST_F(TierTestsTest, MayLeaveAJunitFile) {
    const fs::path file =
        write("recipe/install/t",
              "#!/bin/sh\necho '<testsuite><testcase/></testsuite>' >$CCCI_JUNIT_FILE\n");
    const TestFile test{"install/t", "recipe", file};
    const fs::path report = report_file(dir_.path() / "reports", test);
    fs::create_directories(report.parent_path());
    std::vector<std::string> environment = base::own_environment();
    base::set_variable(environment, "CCCI_JUNIT_FILE", report.native());

    EXPECT_EQ(report, dir_.path() / "reports/recipe/install/t.xml");
    EXPECT_EQ(run_test(test, environment).checks, (Checks{.passed = 1, .failed = 0, .skipped = 0}));

    fs::remove(report);
    fs::create_directory(report);
    write("recipe/install/t", "#!/bin/sh\n");
    EXPECT_EQ(run_test(test, environment).checks, std::nullopt);
}

TEST_F(TierTestsTest, AreDescribedInOneLine) {
    TestResult pass{"install/a", "recipe", Outcome::pass, "", std::chrono::milliseconds{400}};
    TestResult skip{"install/b", "recipe", Outcome::skip, "", {}};
    TestResult fail{"install/c", "site", Outcome::fail, "exit 1", {}};

    EXPECT_EQ(describe_tests({pass}), "1 test passed in 400ms");
    EXPECT_EQ(describe_tests({pass, pass, skip}), "2 tests passed, 1 skipped in 800ms");
    EXPECT_EQ(describe_tests({pass, fail, skip}),
              "1 of 3 tests failed in 400ms: install/c (exit 1)");
}

}  // namespace
}  // namespace ccci::recipe
