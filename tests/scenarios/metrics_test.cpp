#include <sys/stat.h>

#include <fstream>

#include "scenarios/scenario.hpp"
#include "support/openmetrics.hpp"
#include "support/readiness.hpp"

namespace ccci::test {
namespace {

class MetricsCommand : public Scenario {
protected:
    void SetUp() override {
        Scenario::SetUp();
        std::ofstream{config_} << "{\"state_dir\": \"" << state_.native() << "\"}";
    }

    [[nodiscard]] std::string call(std::vector<std::string> arguments) const {
        arguments.insert(arguments.begin(), {CCCI_PROGRAM, "--config", config_});
        const auto out = base::run_and_capture({.argv = arguments});
        EXPECT_EQ(out.status.code, 0) << out.text;
        return out.text;
    }
    [[nodiscard]] OpenMetrics metrics() const { return OpenMetrics{call({"metrics"})}; }

    std::filesystem::path state_ = dir_.path() / "state";
    std::string config_ = dir_.path() / "config.json";
};

TEST_F(MetricsCommand, CountsRealRunsAndLocks) {
    EXPECT_EQ(metrics().at("cc_ci_ended_runs_total{verdict=\"passed\"}"), 0);
    ProcessUnderTest passes{domain_argv({"--run-id", "metrics-1"}, "true")};
    EXPECT_EQ(passes.exit_code(), 0) << passes.output();
    ProcessUnderTest fails{run_argv({"--run-id", "metrics-2"}, "exit 7")};
    EXPECT_EQ(fails.exit_code(), 7) << fails.output();
    ProcessUnderTest holds{domain_argv({"--run-id", "metrics-3"}, "echo at work; sleep 300")};
    ASSERT_TRUE(holds.wait_for("at work"));
    ProcessUnderTest waits{domain_argv({"--run-id", "metrics-4"}, "true")};
    ASSERT_TRUE(waits.wait_for("waiting for"));

    const OpenMetrics now = metrics();

    EXPECT_EQ(now.at("cc_ci_ended_runs_total{verdict=\"passed\"}"), 1);
    EXPECT_EQ(now.at("cc_ci_ended_runs_total{verdict=\"failed\"}"), 1);
    EXPECT_EQ(now.at("cc_ci_live_runs{state=\"running\"}"), 1);
    EXPECT_EQ(now.at("cc_ci_live_runs{state=\"waiting\"}"), 1);
    EXPECT_EQ(now.at("cc_ci_locks{state=\"held\"}"), 1);
    EXPECT_EQ(now.at("cc_ci_lock_waiters"), 1);
    EXPECT_GT(now.at("cc_ci_lock_oldest_wait_seconds"), 0);
    EXPECT_EQ(now.at("cc_ci_run_job_seconds_count"), 2);

    (void)call({"cancel", "--all"});
    (void)holds.exit_code();
    (void)waits.exit_code();
    (void)metrics();
    (void)call({"prune", "--keep", "1"});
    const OpenMetrics later = metrics();
    EXPECT_EQ(later.at("cc_ci_ended_runs_total{verdict=\"passed\"}"), 1) << "pruned, not forgotten";
    EXPECT_EQ(later.at("cc_ci_ended_runs_total{verdict=\"cancelled\"}"), 2);
    EXPECT_EQ(later.at("cc_ci_lock_waiters"), 0);
}

TEST_F(MetricsCommand, ReplacesAFileForNodeExporter) {
    const std::string file = dir_.path() / "cc-ci.prom";

    EXPECT_EQ(call({"metrics", "--output", file}), "");

    const std::string text = base::try_read_file(file).value_or("");
    EXPECT_NE(text.find("# TYPE cc_ci_ended_runs_total counter\n"), std::string::npos) << text;
    EXPECT_EQ(text.find("# EOF"), std::string::npos);
    struct stat info {};
    ASSERT_EQ(::stat(file.c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777, 0644);
    ProcessUnderTest lost{
        {CCCI_PROGRAM, "--config", config_, "metrics", "--output", "/no/such/dir/f"}};
    EXPECT_EQ(lost.exit_code(), 125);
    EXPECT_NE(lost.output().find("/no/such/dir/"), std::string::npos) << lost.output();
}

}  // namespace
}  // namespace ccci::test
