#include <nlohmann/json.hpp>

#include "health/judgement.hpp"
#include "health/report.hpp"
#include "health/unit_properties.hpp"

namespace ccci::health {
namespace {

Report sample() {
    const Subject subject{"a", "because"};
    Report report;
    report.settings = {{"lock_dir", "\"/run/lock\"", "default"}};
    report.checks = {subject.ok("well"),
                     Subject{"b.long", "reason"}.failed("bad\nline", command("mend it")),
                     Subject{"c", "reason"}.warning("odd", configuration("key=1")),
                     Subject{"d", "reason"}.skipped("no")};
    report.took = std::chrono::milliseconds{1200};
    return report;
}

TEST(ReportTest, SaysWhyAndHowForWhatIsNotWell) {
    EXPECT_EQ(text_of(sample(), {}),
              "ok       a       well\n"
              "FAILED   b.long  bad\\x0aline\n"
              "         why:  reason\n"
              "         fix:  mend it\n"
              "warning  c       odd\n"
              "         why:  reason\n"
              "         set:  key=1\n"
              "skipped  d       no\n"
              "4 checks: 1 ok, 1 warning, 1 failed, 1 skipped (1.2s)\n");
}

TEST(ReportTest, SaysAllOfItWhenAsked) {
    const std::string text = text_of(sample(), {.verbose = true});
    EXPECT_TRUE(text.starts_with("lock_dir  \"/run/lock\"  (default)\n\n")) << text;
    EXPECT_NE(text.find("well\n         why:  because\n"), std::string::npos) << text;
}

TEST(ReportTest, IsColouredOnlyWhenAsked) {
    EXPECT_EQ(text_of(sample(), {}).find('\x1b'), std::string::npos);
    EXPECT_NE(text_of(sample(), {.colour = true}).find("\x1b[31mFAILED"), std::string::npos);
}

TEST(ReportTest, FailsForWhatFailedAndWhatWasNotDone) {
    Report report = sample();
    EXPECT_EQ(report.exit_code(), 1);
    report.checks.erase(report.checks.begin() + 1);
    EXPECT_EQ(report.exit_code(), 0);
    report.interrupted = true;
    EXPECT_EQ(report.exit_code(), 1);
}

TEST(CheckTest, TravelsAsJson) {
    const Checks checks = sample().checks;
    EXPECT_EQ(nlohmann::json(checks).get<Checks>(), checks);
    nlohmann::json wrong = checks.front();
    wrong["status"] = "fine";
    EXPECT_THROW((void)wrong.get<Check>(), std::invalid_argument);
}

TEST(CheckTest, QuotesWordsForAShell) {
    EXPECT_EQ(shell_word("/run/lock"), "/run/lock");
    EXPECT_EQ(shell_word(""), "''");
    EXPECT_EQ(shell_word("a b'c"), "'a b'\\''c'");
}

TEST(UnitPropertiesTest, AreReadUnitByUnit) {
    auto units =
        parse_units("Id=a.service\nResult=success\n\nnonsense\nId=b.timer\nX=a=b\n\nY=1\n");
    ASSERT_EQ(units.size(), 2U);
    EXPECT_EQ(units["a.service"]["Result"], "success");
    EXPECT_EQ(units["b.timer"]["X"], "a=b");
    EXPECT_EQ(units["b.timer"]["Result"], "");
    EXPECT_TRUE(parse_units("").empty());
}

TEST(UnitPropertiesTest, HaveSpansAndVersions) {
    EXPECT_EQ(parse_unit_span("1min 30s"), std::chrono::seconds{90});
    EXPECT_FALSE(parse_unit_span("infinity"));
    EXPECT_FALSE(parse_unit_span(""));
    EXPECT_EQ(parse_version("252.39-1~deb12u1"), 252);
    EXPECT_EQ(parse_version("v252"), 0);
}

}  // namespace
}  // namespace ccci::health
