#pragma once

#include <cstdlib>
#include <fstream>
#include <string>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/process.hpp"
#include "base/text.hpp"
#include "platform/inventory.hpp"
#include "platform/swarm_app.hpp"
#include "platform/swarm_platform.hpp"
#include "support/temp_dir.hpp"

namespace ccci::test {

using namespace std::chrono_literals;
using std::chrono::steady_clock;

/// One app on a real Swarm, under a domain that no other test has. Only in the sandbox: what these
/// tests remove, and restart, must not be somebody's.
class SwarmTest : public testing::Test {
protected:
    void SetUp() override {
        if (std::getenv("CCCI_SANDBOX_SWARM") == nullptr) {
            GTEST_SKIP() << "not in tests/sandbox/sandbox --swarm";
        }
    }

    void TearDown() override {
        if (std::getenv("CCCI_SANDBOX_SWARM") != nullptr) {
            EXPECT_TRUE(platform().teardown(domain_, steady_clock::now() + 60s).clean());
        }
    }

    static run::Config make_config(const std::filesystem::path& abra_dir) {
        run::Config config;
        config.run_app_pattern = run::RunAppPattern::for_base_domain("ci.example.net");
        config.resolve_image = "never";
        config.abra_dir = abra_dir;
        return config;
    }

    platform::SwarmPlatform platform(platform::Patience patience = {}) {
        return platform::SwarmPlatform{config_, patience};
    }

    /// Writes a compose file and deploys it.
    std::optional<std::string> deploy(const std::string& compose) {
        std::ofstream{dir_.path() / "compose.yml"} << compose;
        return app_.deploy({.compose_files = {"compose.yml"},
                            .environment = base::own_environment(),
                            .directory = dir_.path()},
                           steady_clock::now() + 60s);
    }

    /// Runs a shell command to its end; a failure fails the test. Returns its output, trimmed.
    static std::string shell(const std::string& command) {
        const base::Output output = base::run_and_capture({.argv = {"/bin/sh", "-c", command}});
        EXPECT_TRUE(output.status.success()) << command << ": " << output.text;
        return std::string{base::trim(output.text)};
    }

    /// Everything that the engine has of the app, tasks included, as text.
    std::string remains() {
        engine::Client engine{config_.docker_socket};
        std::string text;
        for (const platform::Object& object : platform::list_candidates(engine, app_.stack())) {
            text += fmt::format("{} {}; ", to_string(object.kind), object.name);
        }
        return text;
    }

    /// What list() says of the app; empty when it is not listed.
    std::string evidence() {
        for (const platform::App& app : platform().list(config_.run_app_pattern)) {
            if (app.domain == domain_) {
                return app.evidence;
            }
        }
        return {};
    }

    TempDir dir_;
    run::Config config_ = make_config(dir_.path() / "abra");
    std::string domain_ = fmt::format("test-{:06x}.ci.example.net", ++number_);
    platform::SwarmApp app_{config_, domain_, "7"};

private:
    inline static int number_ = 0;
};

}  // namespace ccci::test
