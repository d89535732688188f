#include "platform/abra.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <fstream>

#include "base/files.hpp"
#include "base/text.hpp"
#include "run/usage_error.hpp"
#include "support/readiness.hpp"
#include "support/temp_dir.hpp"

namespace ccci::platform {
namespace {

using std::chrono::steady_clock;
using namespace std::chrono_literals;

const std::string k_domain = "gues-000000.ci.example.net";

/// Programs that answer to the name of abra, each in its own way.
class AbraTest : public testing::Test {
protected:
    /// A script that tells a known version, and goes on to `script` when it is asked for more.
    Abra abra(const std::string& script) {
        write("[ \"$1\" != --version ] || { echo abra version 0.13.0-beta-06a57de; exit; }\n" +
              script);
        return Abra{config_, environment_};
    }
    void write(const std::string& script) const {
        std::ofstream{program_} << "#!/bin/sh\n" << script << "\n";
        ASSERT_EQ(::chmod(program_.c_str(), 0755), 0);
    }
    std::string usage_error() {
        try {
            (void)Abra{config_, environment_};
        } catch (const run::UsageError& error) {
            return error.what();
        }
        return "none";
    }
    static std::string error_of_services(const Abra& abra) {
        try {
            (void)abra.services(k_domain, soon());
        } catch (const std::runtime_error& error) {
            return error.what();
        }
        return "none";
    }
    static Abra::Deadline soon(std::chrono::milliseconds span = 30s) {
        return steady_clock::now() + span;
    }
    std::string file(const std::string& name) const {
        return base::try_read_file(dir_.path() / name).value_or("");
    }

    test::TempDir dir_;
    std::filesystem::path program_ = dir_.path() / "abra";
    run::Config config_ = [&] {
        run::Config config;
        config.docker_socket = "/some/docker.sock";
        return config;
    }();
    std::vector<std::string> environment_{"PATH=" + dir_.path().native() + ":/usr/bin:/bin",
                                          "HOME=/some/home", "ABRA_DIR=/some/abra",
                                          "DRONE_TOKEN=secret", "DOCKER_CONTEXT=elsewhere"};
};

TEST_F(AbraTest, IsAskedForItsVersionFirst) {
    EXPECT_EQ(abra("").version(), k_known_abra);

    write("echo no idea");
    EXPECT_EQ((Abra{config_, environment_}.version()), "");
}

TEST_F(AbraTest, IsTheProgramThatTheConfigurationNames) {
    EXPECT_EQ(usage_error(), "abra_command 'abra': not found in PATH");

    config_.abra_command = "/no/such/abra";
    EXPECT_EQ(usage_error(),
              "abra_command '/no/such/abra': execute /no/such/abra: No such file or directory");

    config_.abra_command = program_;
    write("echo FATA no home >&2; exit 1");
    EXPECT_EQ(usage_error(), "abra_command '" + program_.native() + "': --version: FATA no home");

    write("exit 7");
    EXPECT_EQ(usage_error(), "abra_command '" + program_.native() + "': --version: exit 7");
}

TEST_F(AbraTest, GetsNoVariableOfTheCi) {
    (void)abra("env >" + (dir_.path() / "env").native()).generate_secrets(k_domain, soon());

    std::vector<std::string> variables = base::split(base::trim(file("env")), '\n');
    std::erase_if(variables, [](const std::string& variable) {
        return variable.starts_with("PWD=") || variable.starts_with("_=") ||
               variable.starts_with("SHLVL=") || variable.starts_with("OLDPWD=");
    });
    std::ranges::sort(variables);
    EXPECT_EQ(variables,
              (std::vector<std::string>{"ABRA_DIR=/some/abra",
                                        "DOCKER_HOST=unix:///some/docker.sock", "HOME=/some/home",
                                        "LC_ALL=C", "NO_COLOR=1", environment_[0], "TERM=dumb"}));
}

TEST_F(AbraTest, IsGivenTheDocumentedArguments) {
    const Abra recorder = abra("echo $* >>" + (dir_.path() / "calls").native() + "; echo {}");

    testing::internal::CaptureStdout();
    (void)recorder.generate_secrets(k_domain, soon());
    (void)recorder.deploy(k_domain, false, soon());
    (void)recorder.deploy(k_domain, true, soon());
    (void)recorder.services(k_domain, soon());
    (void)recorder.create_backup(k_domain, soon());
    (void)recorder.restore(k_domain, soon());
    (void)testing::internal::GetCapturedStdout();

    EXPECT_EQ(file("calls"), "app secret generate " + k_domain + " --all -C -m -n\n" +  //
                                 "app deploy " + k_domain + " -C -n -c --no-domain-checks\n" +
                                 "app deploy " + k_domain + " -C -n -c --no-domain-checks -f\n" +
                                 "app ps " + k_domain + " -m\n" +          //
                                 "app backup create " + k_domain + "\n" +  //
                                 "app restore " + k_domain + "\n");
    EXPECT_THROW((void)recorder.deploy("--help", false, soon()), run::UsageError);
}

TEST_F(AbraTest, IsShownLineByLineAndGivesItsReason) {
    const Abra refuses = abra(
        "printf '\\033[32mINFO\\033[0m one\\rtwo\\n\\n'; echo FATA deploy failed >&2; "
        "printf last; exit 1");

    testing::internal::CaptureStdout();
    const Abra::Reason reason = refuses.deploy(k_domain, false, soon());

    EXPECT_EQ(testing::internal::GetCapturedStdout(), "INFO one\ntwo\nFATA deploy failed\nlast\n");
    EXPECT_EQ(reason, "FATA deploy failed");
}

TEST_F(AbraTest, ShowsNoSecret) {
    const Abra fails = abra("echo '{\"db\": \"hunter2\"}'; echo hunter2 >&2; exit 1");

    testing::internal::CaptureStdout();
    testing::internal::CaptureStderr();
    const Abra::Reason reason = fails.generate_secrets(k_domain, soon());

    EXPECT_EQ(testing::internal::GetCapturedStdout(), "");
    EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
    EXPECT_EQ(reason, "exit 1");
}

TEST_F(AbraTest, IsKilledWithItsChildrenWhenItsTimeIsOver) {
    const Abra hangs = abra("trap '' TERM HUP; sleep 60 & echo $! >>" +
                            (dir_.path() / "pids").native() + "; wait");

    EXPECT_EQ(hangs.deploy(k_domain, false, soon(500ms)), "not finished in time");
    EXPECT_EQ(hangs.generate_secrets(k_domain, soon(500ms)), "not finished in time");
    EXPECT_EQ(hangs.create_backup(k_domain, soon(500ms)), "not finished in time");

    const std::vector<std::string> pids = base::split(base::trim(file("pids")), '\n');
    EXPECT_EQ(pids.size(), 3U);
    for (const std::string& pid : pids) {
        EXPECT_TRUE(test::eventually([&] {
            const auto stat = base::try_read_file("/proc/" + pid + "/stat");
            return !stat || stat->find(") Z ") != std::string::npos;
        }));
    }
}

TEST_F(AbraTest, IsNotBelievedWhenItsAnswerIsAnother) {
    EXPECT_EQ(
        error_of_services(abra("echo 'Table of services'")),
        "abra app ps " + k_domain + " -m: unexpected answer: not JSON: 'Table of services\\x0a'");
    EXPECT_EQ(error_of_services(abra("echo '{\"app\": 1}'")),
              "abra app ps " + k_domain +
                  " -m: unexpected answer: want an object for each service: "
                  "'{\"app\": 1}\\x0a'");
    EXPECT_EQ(error_of_services(abra("echo {}")), "none");
    const auto refusal = abra("echo FATA is not deployed >&2; exit 1").services(k_domain, soon());
    ASSERT_NE(std::get_if<std::string>(&refusal), nullptr);
    EXPECT_EQ(*std::get_if<std::string>(&refusal), "FATA is not deployed");
}

TEST_F(AbraTest, HasATerminalForBackupsAndNoOther) {
    const Abra wants = abra("test -t 0 && test -t 1 || { echo FATA not a TTY >&2; exit 1; }");

    testing::internal::CaptureStdout();
    EXPECT_EQ(wants.create_backup(k_domain, soon()), std::nullopt);
    EXPECT_EQ(wants.restore(k_domain, soon()), std::nullopt);
    EXPECT_EQ(wants.deploy(k_domain, false, soon()), "FATA not a TTY");
    (void)testing::internal::GetCapturedStdout();
}

}  // namespace
}  // namespace ccci::platform
