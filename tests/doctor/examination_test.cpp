#include "doctor/examination.hpp"

#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include "health/judgement.hpp"
#include "support/forked_child.hpp"

namespace ccci::doctor {
namespace {

using namespace std::chrono_literals;
using health::Check;
using health::Checks;
using health::Status;

Checks well(const std::string& name) {
    return {health::Subject{name, "x"}.ok("well")};
}

class ExaminationTest : public testing::Test {
protected:
    ExaminationTest() { event::Loop::block_signals({SIGTERM, SIGINT, SIGHUP, SIGCHLD}); }

    event::Loop loop_;
};

TEST_F(ExaminationTest, KeepsTheOrderOfItsQuestions) {
    const std::vector<Question> questions{{"slow", "x",
                                           [] {
                                               (void)::usleep(50'000);
                                               return well("slow");
                                           }},
                                          {"quick", "x", [] { return well("quick"); }}};

    const Findings findings = examine(loop_, questions);

    ASSERT_EQ(findings.checks.size(), 2U);
    EXPECT_EQ(findings.checks[0], well("slow")[0]);
    EXPECT_EQ(findings.checks[1], well("quick")[0]);
    EXPECT_FALSE(findings.interrupted);
}

TEST_F(ExaminationTest, DoesNotWaitForWhatHangs) {
    const std::vector<Question> questions{{"hangs", "x",
                                           [] {
                                               for (;;)
                                                   (void)::pause();
                                               return Checks{};
                                           },
                                           100ms},
                                          {"quick", "x", [] { return well("quick"); }}};
    const auto began = std::chrono::steady_clock::now();

    const Findings findings = examine(loop_, questions);

    EXPECT_LT(std::chrono::steady_clock::now() - began, 5s);
    EXPECT_EQ(test::find_check(findings.checks, "hangs").status, Status::failed);
    EXPECT_EQ(test::find_check(findings.checks, "quick").status, Status::ok);
}

TEST_F(ExaminationTest, SaysWhatKeptItFromAnAnswer) {
    const std::vector<Question> questions{
        {"throws", "x", []() -> Checks { throw std::runtime_error{"read x: broken"}; }},
        {"dies", "x", []() -> Checks {
             (void)::raise(SIGKILL);
             return {};
         }}};

    const Findings findings = examine(loop_, questions);

    EXPECT_EQ(test::find_check(findings.checks, "throws").found, "read x: broken");
    EXPECT_EQ(test::find_check(findings.checks, "dies").status, Status::failed);
}

TEST_F(ExaminationTest, EndsEarlyAtASignal) {
    const std::vector<Question> questions{{"hangs", "x",
                                           [] {
                                               for (;;)
                                                   (void)::pause();
                                               return Checks{};
                                           },
                                           60s},
                                          {"kills", "x", [] {
                                               (void)::kill(::getppid(), SIGINT);
                                               return well("kills");
                                           }}};

    const Findings findings = examine(loop_, questions);

    EXPECT_TRUE(findings.interrupted);
    EXPECT_EQ(test::find_check(findings.checks, "hangs").status, Status::skipped);
}

}  // namespace
}  // namespace ccci::doctor
