#include "scenarios/run_scenario.hpp"

// What comes out of a job.

namespace ccci::test {
namespace {

TEST_F(RunTest, KeepsStdoutAndStderrApartWhenTheStepDoes) {
    ProcessUnderTest step{domain_argv({}, "echo to stdout; echo to stderr >&2"), {}, true};

    EXPECT_EQ(step.exit_code(), 0);
    EXPECT_EQ(step.output(), "to stdout\ntorn down\n");
    EXPECT_NE(step.errors().find("to stderr\n"), std::string::npos);
    EXPECT_NE(step.errors().find("cc-ci: passed"), std::string::npos);
}

TEST_F(RunTest, Case38PassesBytesOnExactly) {
    // 10 MB without a line end, every byte value, and nothing after the last one.
    ProcessUnderTest step{
        run_argv({}, "head -c 10000000 /dev/zero | tr '\\0' x; printf '\\000\\377\\n\\001'"),
        {},
        true};

    EXPECT_EQ(step.exit_code(), 0);
    ASSERT_EQ(step.output().size(), 10'000'004U);
    EXPECT_EQ(step.output().substr(9'999'999), std::string("x\0\xff\n\x01", 5));
}

TEST_F(RunTest, Case37KeepsABurstInOrder) {
    ProcessUnderTest step{run_argv({"--run-id", "64"}, "seq 100000"), {}, true};

    EXPECT_EQ(step.exit_code(), 0);
    std::string expected;
    for (int line = 1; line <= 100'000; ++line) {
        expected += std::to_string(line) + "\n";
    }
    EXPECT_EQ(step.output(), expected);
}

TEST_F(RunTest, LogsShowTheOutputAfterTheEnd) {
    ProcessUnderTest step{run_argv({"--run-id", "82"}, "echo the job said this; exit 9")};
    ASSERT_EQ(step.exit_code(), 9);

    // The journal takes a moment between what it got and what it shows.
    (void)base::run_and_capture({.argv = {"sh", "-c", "journalctl --sync 2>/dev/null || true"}});
    ProcessUnderTest logs{{CCCI_PROGRAM, "logs", "82"}};

    EXPECT_EQ(logs.exit_code(), 0);
    EXPECT_NE(logs.output().find("the job said this"), std::string::npos) << logs.output();
}

}  // namespace
}  // namespace ccci::test
