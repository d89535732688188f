#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <string>

#include <nlohmann/json.hpp>

#include "base/files.hpp"
#include "base/process.hpp"
#include "platform/platform.hpp"
#include "recipe/job.hpp"
#include "recipe/results.hpp"
#include "support/json_schema.hpp"
#include "support/temp_dir.hpp"

namespace ccci::recipe {

namespace fs = std::filesystem;
using nlohmann::json;

/// Whole runs of the sample recipes on a real Swarm.
class RecipeSwarmTest : public testing::Test {
protected:
    void SetUp() override {
        if (std::getenv("CCCI_SANDBOX_SWARM") == nullptr) {
            GTEST_SKIP() << "needs a Swarm with the test images: tests/sandbox/sandbox --swarm";
        }
        const base::Output made = base::run_and_capture(
            {.argv = {CCCI_SOURCE_DIR "/tests/recipes/make-repositories", repositories_.native()}});
        ASSERT_TRUE(made.status.success()) << made.text;
        job_.config.platform = run::PlatformKind::swarm;
        job_.config.resolve_image = "never";
        job_.config.abra_dir = dir_.path() / "abra";
        job_.config.health_url = "http://127.0.0.1:{published_port}/";
        job_.config.health_timeout = std::chrono::seconds{20};
        job_.run_id = "7";
        job_.run_dir = dir_.path() / "run";
        job_.stages = naming::parse_stages("");
        job_.environment = base::own_environment();
        base::set_variable(job_.environment, "CCCI_NOTE_FILE", (job_.run_dir / "note").native());
        fs::create_directory(job_.run_dir);
    }
    void TearDown() override {
        if (!job_.domain.empty()) {
            (void)tear_down();
        }
    }

    void ask_for(const std::string& recipe, const std::string& domain) {
        job_.recipe = recipe;
        job_.ref = "1.0.0+1.0.0";
        job_.source = (repositories_ / (recipe + ".git")).native();
        job_.domain = domain;
    }
    int run() {
        testing::internal::CaptureStdout();
        try {
            const int code = run_job(job_);
            log_ = testing::internal::GetCapturedStdout();
            return code;
        } catch (...) {
            log_ = testing::internal::GetCapturedStdout();
            throw;
        }
    }
    platform::TeardownReport tear_down() {
        return platform::make_platform(job_.config)
            ->teardown(job_.domain, std::chrono::steady_clock::now() + std::chrono::minutes{1});
    }
    /// As on a host of several that work against one Swarm.
    void hold_at(std::int64_t revision) {
        job_.config.lock.host = "ci-1";
        job_.config.lock_revision = revision;
    }
    /// Of each kind, how many of the stack's objects there are, and how many of them are labelled
    /// with run, host and revision: "service 2 of 2\n".
    std::string labelled(std::int64_t revision) {
        const std::string script = R"(for kind in service network volume config secret; do
  all=$(docker $kind ls --quiet --filter "name=$1_" | wc -l)
  ours=$(docker $kind ls --quiet --filter "name=$1_" --filter label=io.cc-ci.run=7 \
    --filter label=io.cc-ci.host=ci-1 --filter "label=io.cc-ci.revision=$2" | wc -l)
  echo "$kind $ours of $all"
done)";
        return base::run_and_capture(
                   {.argv = {"sh", "-c", script, "sh", run::stack_name(job_.domain),
                             std::to_string(revision)}})
            .text;
    }
    json results() {
        return json::parse(base::try_read_file(results_file(job_.run_dir)).value_or(""));
    }
    /// Whether what really was written has the form that is documented.
    std::string results_schema_error() {
        const test::JsonSchema schema{json::parse(
            base::try_read_file(CCCI_SOURCE_DIR "/docs/schemas/results.schema.json").value_or(""))};
        return schema.first_error(results());
    }
    std::string note() { return base::try_read_file(job_.run_dir / "note").value_or(""); }

    test::TempDir dir_;
    fs::path repositories_ = dir_.path() / "repositories";
    JobContext job_;
    std::string log_;
};

}  // namespace ccci::recipe
