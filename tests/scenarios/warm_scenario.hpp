#pragma once

#include <fmt/format.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "base/text.hpp"
#include "recipe/git_repository.hpp"
#include "scenarios/scenario.hpp"

// Warm apps as a pipeline uses them, on a real systemd and a real Swarm.

namespace ccci::test {

namespace fs = std::filesystem;

inline constexpr const char* k_warm = "warm-guestbook.ci.localhost";
inline constexpr const char* k_stack = "warm-guestbook_ci_localhost";

inline std::string shell(const std::string& command) {
    return std::string{base::trim(base::run_and_capture({.argv = {"sh", "-c", command}}).text)};
}

/// Which secrets and volumes there are; a secret that was made anew has another id.
inline std::string belongings() {
    return shell("docker secret ls --format '{{.ID}} {{.Name}}'; docker volume ls -q");
}

/// A guestbook with something in its book. All of the tests change it in their own way, and find it
/// as it was.
class WarmScenario : public Scenario {
protected:
    void SetUp() override {
        Scenario::SetUp();
        if (std::getenv("CCCI_SANDBOX_SWARM") == nullptr) {
            GTEST_SKIP() << "not in tests/sandbox/sandbox --swarm";
        }
        ::unsetenv("CCCI_RUNS_DIR");
        ::unsetenv("CCCI_APP_LOCK_DIR");
        std::ofstream{config_} << nlohmann::json{
            {"platform", "swarm"},        {"lock_dir", locks_.native()},
            {"runs_dir", runs_.native()}, {"state_dir", state_.native()},
            {"resolve_image", "never"},   {"health_url", "http://127.0.0.1:{published_port}/"},
            {"health_timeout", "5s"},     {"abra_dir", (dir_.path() / "abra").native()},
        };
        fs::copy(CCCI_SOURCE_DIR "/tests/recipes/guestbook", source_.path(),
                 fs::copy_options::recursive);
        // Nobody in there listens to SIGTERM.
        edit("image: ccci-test/web:1", "image: ccci-test/web:1\n    stop_grace_period: 100ms");
        // What was in the book once can never be made up again.
        edit(R"(["/bin/httpd", "-f", "-p", "8080", "-h", "/srv"])",
             R"(["/bin/sh", "-c", "[ -e /data/entries ] || echo signed before by $$(cat )"
             R"(/proc/sys/kernel/random/uuid) >/data/entries; exec httpd -f -p 8080 -h /srv"])");
        source_.commit("README.md", "one");
        source_.git({"tag", "--annotate", "--message=one", "1.0.0+1.0.0"});
    }

    void TearDown() override {
        if (IsSkipped()) {
            return;
        }
        if (fs::exists(state_ / "warm" / "guestbook")) {
            EXPECT_EQ(call({"warm", "remove", "--recipe", "guestbook"}), 0) << output_;
        }
        EXPECT_EQ(shell("docker service ls -q; docker ps -aq; docker config ls -q") + belongings(),
                  "");
        EXPECT_TRUE(!fs::exists(state_ / "warm") || fs::is_empty(state_ / "warm"));
    }

    [[nodiscard]] std::vector<std::string> argv(std::vector<std::string> arguments,
                                                const std::string& program = CCCI_PROGRAM) const {
        arguments.insert(arguments.begin(), {program, "--config", config_});
        return arguments;
    }
    [[nodiscard]] std::vector<std::string> promote_argv(const std::string& id,
                                                        const std::string& ref) const {
        return {"warm",         "promote", "--recipe", "guestbook", "--src",
                source_.path(), "--ref",   ref,        "--run-id",  id};
    }
    [[nodiscard]] std::vector<std::string> quick_argv(const std::string& id,
                                                      const std::string& ref) const {
        return {"recipe", "--quick", "--recipe", "guestbook", "--src",    source_.path(),
                "--pr",   "2",       "--ref",    ref,         "--run-id", id};
    }
    int call(std::vector<std::string> arguments, const std::vector<std::string>& variables = {},
             const std::string& program = CCCI_PROGRAM) {
        ProcessUnderTest step{argv(std::move(arguments), program), variables};
        const int code = step.exit_code();
        output_ = step.output();
        return code;
    }
    [[nodiscard]] bool said(const std::string& text) const {
        return output_.find(text) != std::string::npos;
    }

    /// What the front page says, which it can only where the password is still the right one.
    static std::string page() {
        return shell(
            fmt::format("port=$(docker ps --filter label=com.docker.swarm.service.name={}_app "
                        "--format '{{{{.Ports}}}}' | sed 's/.*:\\([0-9]*\\)->.*/\\1/'); "
                        "busybox wget -q -O - http://127.0.0.1:$port/",
                        k_stack));
    }
    void make_warm_app() {
        ASSERT_EQ(call(promote_argv("promotion", "1.0.0+1.0.0")), 0) << output_;
        before_ = page();
        belongings_ = belongings();
        ASSERT_NE(before_.find("signed before"), std::string::npos) << before_;
    }
    void expect_canonical() const {
        EXPECT_EQ(page(), before_);
        EXPECT_EQ(belongings(), belongings_);
        EXPECT_FALSE(fs::exists(state_ / "warm" / "guestbook" / "touched"));
    }

    void edit(const std::string& from, const std::string& to) const {
        const auto text = base::try_read_file(source_.path() / "compose.yml").value_or("");
        ASSERT_NE(text.find(from), std::string::npos) << from;
        source_.write("compose.yml", base::replace_all(text, from, to));
    }
    /// A pull request that moves the app, and writes into its book.
    void branch(const std::string& name) const {
        source_.git({"checkout", "--quiet", "-b", name, "1.0.0+1.0.0"});
        edit(".version=1.0.0+1.0.0", ".version=" + name);
        edit("volumes:\n  data:", "volumes:\n  data:\n  more:");
        edit("- data:/data", "- data:/data\n      - more:/more");
        source_.write("tests/upgrade/sign",
                      "#!/bin/sh\nbusybox wget -q -O - \"$CCCI_URL\" | grep 'signed before' &&\n"
                      "busybox wget -q -O - --post-data 'signed by a test' \"$CCCI_URL\"\n",
                      0755);
        source_.commit("README.md", name);
    }

    [[nodiscard]] nlohmann::json results(const std::string& id) const {
        return nlohmann::json::parse(
            base::try_read_file(runs_ / id / "results.json").value_or("null"));
    }

    std::string config_ = dir_.path() / "config.json";
    fs::path state_ = dir_.path() / "state";
    GitRepository source_{dir_.path() / "source"};
    std::string output_;
    std::string before_;
    std::string belongings_;
};

}  // namespace ccci::test
