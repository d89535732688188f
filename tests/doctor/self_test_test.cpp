#include "doctor/self_test.hpp"

#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "base/process.hpp"
#include "health/judgement.hpp"
#include "launch/direct_carrier.hpp"
#include "support/temp_dir.hpp"

// A self-test is only worth something if it fails where a promise is broken: here by what carries
// the runs.

namespace ccci::doctor {
namespace {

using health::Check;
using health::Checks;
using health::Status;
using namespace std::chrono_literals;

/// Runs the harness of the build, without systemd.
class Direct : public launch::DirectCarrier {
public:
    Direct() : DirectCarrier{std::nullopt} {}
};

/// Lets go of the domain as soon as the run is on its way.
class Unpinned : public Direct {
public:
    void start(const launch::Load& load, base::UniqueFd link,
               std::optional<locks::DomainLock> lock) override {
        const std::filesystem::path path = lock->path();
        Direct::start(load, std::move(link), std::nullopt);
        std::filesystem::remove(path);
        lock.reset();
    }
};

/// A process of the run gets away from it.
class Leaky : public Direct {
public:
    void start(const launch::Load& load, base::UniqueFd link,
               std::optional<locks::DomainLock> lock) override {
        const auto directory = load.dir.path().parent_path().parent_path();
        if (load.request.run.ends_with("-kill")) {
            const std::string script =
                "echo $$ >" + (directory / "kill.up").native() + "; exec sleep 60 >/dev/null 2>&1";
            (void)base::spawn({.argv = {"sh", "-c", script}, .new_session = true});
        }
        Direct::start(load, std::move(link), std::move(lock));
    }
};

/// Nothing comes of it.
class Refusing : public Direct {
public:
    void start(const launch::Load&, base::UniqueFd, std::optional<locks::DomainLock>) override {
        throw std::runtime_error{"start unit x: refused"};
    }
};

class SelfTestTest : public testing::Test {
protected:
    template <typename Carrier>
    Checks run(std::chrono::milliseconds deadline = 300ms) {
        const Checks checks =
            judge_self_test(self_test({.parent = dir_.path(),
                                       .environment = base::own_environment(),
                                       .make_carrier = [] { return std::make_unique<Carrier>(); },
                                       .deadline = deadline}));
        EXPECT_TRUE(std::filesystem::is_empty(dir_.path())) << "files are left";
        return checks;
    }

    static Status status(const Checks& checks, const char* name) {
        return test::find_check(checks, name).status;
    }

    test::TempDir dir_;
};

TEST_F(SelfTestTest, IsWellWhereEveryPromiseIsKept) {
    for (const Check& check : run<Direct>()) {
        EXPECT_EQ(check.status, Status::ok) << check.name << ": " << check.found;
    }
}

TEST_F(SelfTestTest, FailsWhereTheLockIsNotHeldToTheEnd) {
    const Checks checks = run<Unpinned>();

    const Check pinning = test::find_check(checks, "self-test.pinning");
    EXPECT_EQ(pinning.status, Status::failed);
    EXPECT_TRUE(pinning.found.starts_with("THE LOCK WAS FREE")) << pinning.found;
    EXPECT_EQ(status(checks, "self-test.kill"), Status::ok);
}

TEST_F(SelfTestTest, FailsWhereAProcessOutlivesItsRun) {
    const Checks checks = run<Leaky>();

    EXPECT_EQ(status(checks, "self-test.kill"), Status::failed);
    EXPECT_EQ(status(checks, "self-test.deadline"), Status::ok);
    // It is not left to the host.
    EXPECT_EQ(status(checks, "self-test.nothing-left"), Status::ok);
}

TEST_F(SelfTestTest, FailsWhereTheDeadlineDoesNotCome) {
    const Checks checks = run<Direct>(1h);

    EXPECT_EQ(status(checks, "self-test.deadline"), Status::failed);
    EXPECT_EQ(status(checks, "self-test.pinning"), Status::ok);
}

TEST_F(SelfTestTest, SaysWhyNoRunBegan) {
    const Checks checks = run<Refusing>();

    const Check pinning = test::find_check(checks, "self-test.pinning");
    EXPECT_EQ(pinning.status, Status::failed);
    EXPECT_NE(pinning.found.find("start unit x: refused"), std::string::npos) << pinning.found;
}

TEST_F(SelfTestTest, RemovesWhatAnotherThatWasKilledHasLeft) {
    std::filesystem::create_directories(dir_.path() / "cc-ci-doctor.abcdef" / "runs");

    (void)run<Direct>();
}

}  // namespace
}  // namespace ccci::doctor
