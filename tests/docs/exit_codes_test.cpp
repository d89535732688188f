#include <gtest/gtest.h>

#include <cerrno>
#include <string>

#include "docs/page.hpp"
#include "run/verdict.hpp"

namespace ccci {
namespace {

using run::VerdictKind;

class ExitCodesPageTest : public testing::Test {
protected:
    [[nodiscard]] bool has_row(const std::string& code, const std::string& verdict) const {
        return page_.find("\n| " + code + " | " + verdict + " | ") != std::string::npos;
    }
    [[nodiscard]] bool has_row(const run::Verdict& verdict) const {
        return has_row(std::to_string(verdict.exit_code), "`" + to_string(verdict.kind) + "`");
    }

    std::string page_ = test::read_page("exit-codes.md");
};

TEST_F(ExitCodesPageTest, HasEveryVerdictWithItsCode) {
    using run::decide;
    using run::StopCause;
    const auto job = [](int code, int signal) { return base::ExitStatus{code, signal}; };
    const auto stopped = [](StopCause cause) { return decide({.stop = run::Stop{cause, ""}}); };

    EXPECT_TRUE(has_row(decide({.job = job(0, 0)})));
    EXPECT_TRUE(has_row(decide({.job = job(78, 0)})));
    EXPECT_TRUE(has_row(decide({.job = job(0, 9)})));
    EXPECT_TRUE(has_row(decide({.job = job(0, 0), .teardown_clean = false})));
    EXPECT_TRUE(has_row(decide({.slate_clean = false})));
    EXPECT_TRUE(has_row(decide({.job = job(1, 0), .out_of_memory = true})));
    EXPECT_TRUE(has_row(decide({.not_executed = base::CannotExecute{ENOENT, ""}})));
    EXPECT_TRUE(has_row(decide({.not_executed = base::CannotExecute{EACCES, ""}})));
    EXPECT_TRUE(has_row(stopped(StopCause::cancelled)));
    EXPECT_TRUE(has_row(stopped(StopCause::superseded)));
    EXPECT_TRUE(has_row(stopped(StopCause::deadline)));
    EXPECT_TRUE(has_row(stopped(StopCause::out_of_memory)));
    EXPECT_TRUE(has_row(run::decide_without_harness({"signal", "killed", "KILL"})));
    EXPECT_TRUE(has_row(run::decide_without_harness({"resources", "", ""})));
}

TEST_F(ExitCodesPageTest, HasTheCodesThatStandForNoVerdictOfARun) {
    EXPECT_TRUE(has_row(std::to_string(run::exit_code::usage), "–"));
    EXPECT_TRUE(has_row(std::to_string(run::exit_code::not_acquired), "`refused`"));
}

}  // namespace
}  // namespace ccci
