#include <sys/stat.h>

#include <ctime>
#include <fstream>
#include <nlohmann/json.hpp>
#include <utility>

#include "scenarios/scenario.hpp"
#include "support/openmetrics.hpp"
#include "support/readiness.hpp"

namespace ccci::test {
namespace {

class MetricsCommand : public Scenario {
protected:
    void SetUp() override {
        Scenario::SetUp();
        write_config({});
    }

    void write_config(nlohmann::json more) const {
        more["state_dir"] = state_.native();
        std::ofstream{config_} << more;
    }

    /// Apps are files; one that says "stuck" cannot be removed.
    void be_a_platform_of_files() const {
        std::filesystem::create_directory(apps_);
        write_config(
            {{"platform", "command"},
             {"run_app_pattern", "[a-z]+\\.ci\\.test"},
             {"list_command", "ls " + apps_.native()},
             {"teardown_command",
              "cd " + apps_.native() + " && ! grep -q stuck $CCCI_DOMAIN && rm $CCCI_DOMAIN"}});
    }
    void deploy(const std::string& domain, const std::string& how = "") const {
        std::ofstream{apps_ / domain} << how;
    }
    /// Its exit code, and all that it said.
    [[nodiscard]] std::pair<int, std::string> janitor(std::vector<std::string> more = {}) const {
        more.insert(more.begin(), {CCCI_PROGRAM, "--config", config_, "janitor"});
        ProcessUnderTest pass{more};
        const int code = pass.exit_code();
        return {code, pass.output()};
    }

    [[nodiscard]] std::string call(std::vector<std::string> arguments) const {
        arguments.insert(arguments.begin(), {CCCI_PROGRAM, "--config", config_});
        const auto out = base::run_and_capture({.argv = arguments});
        EXPECT_EQ(out.status.code, 0) << out.text;
        return out.text;
    }
    [[nodiscard]] OpenMetrics metrics() const { return OpenMetrics{call({"metrics"})}; }

    std::filesystem::path apps_ = dir_.path() / "apps";
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

TEST_F(MetricsCommand, CountsWhatJanitorsDid) {
    be_a_platform_of_files();
    EXPECT_EQ(metrics().values().count("cc_ci_janitor_last_pass_timestamp_seconds"), 0);
    for (const char* domain : {"a.ci.test", "b.ci.test", "c.ci.test"}) {
        deploy(domain);
    }
    deploy("d.ci.test", "stuck");

    EXPECT_EQ(janitor({"--dry-run"}).first, 0);
    EXPECT_EQ(janitor({"--domain", "a.ci.test"}).first, 0);
    const auto [code, said] = janitor();
    EXPECT_EQ(code, 1) << said;

    const OpenMetrics now = metrics();
    EXPECT_EQ(now.at("cc_ci_janitor_passes_total"), 1) << "over the whole host";
    EXPECT_EQ(now.at("cc_ci_janitor_incomplete_passes_total"), 1);
    EXPECT_EQ(now.at("cc_ci_orphans_reaped_total"), 3);
    EXPECT_EQ(now.at("cc_ci_orphans_not_reaped_total"), 1);
    EXPECT_NEAR(now.at("cc_ci_janitor_last_pass_timestamp_seconds"),
                static_cast<double>(std::time(nullptr)), 60);
}

TEST_F(MetricsCommand, IsNoReasonForAPassToFail) {
    be_a_platform_of_files();
    std::ofstream{state_} << "no directory";
    deploy("a.ci.test");

    const auto [code, said] = janitor();

    EXPECT_EQ(code, 0) << said;
    EXPECT_FALSE(std::filesystem::exists(apps_ / "a.ci.test"));
    const auto warning = said.find("pass not counted for the metrics: ");
    EXPECT_NE(warning, std::string::npos) << said;
    EXPECT_EQ(said.find("not counted", warning + 10), std::string::npos) << "once: " << said;
}

}  // namespace
}  // namespace ccci::test
