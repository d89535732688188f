#include "harness/stop_post.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <variant>

#include "base/files.hpp"
#include "locks/domain_lock.hpp"
#include "support/temp_dir.hpp"

namespace ccci::harness {
namespace {

namespace fs = std::filesystem;

/// A harness that was killed, at one moment or another of its teardown.
class StopPostTest : public testing::Test {
protected:
    StopPostTest() {
        fs::create_directory(locks_);
        run::Record record;
        record.run = run_.id();
        record.state = run::State::tearing_down;
        run_.write(record);
        run::Request request;
        request.run = run_.id();
        request.run_dir = run_.path();
        request.domain = k_domain;
        request.lock_file = locks::lock_path(locks_, k_domain);
        request.job = {.argv = {"true"}, .environment = {}, .directory = run_.path()};
        request.teardown = run::Program{.argv = {"/bin/sh", "-c", "echo x >" + mark_.native()},
                                        .environment = {},
                                        .directory = run_.path()};
        request.teardown_budget = std::chrono::seconds{20};
        request.in_unit = false;
        run_.write(request);
    }

    locks::DomainLock acquire() const {
        return std::get<locks::DomainLock>(locks::DomainLock::try_acquire(locks_, k_domain));
    }

    void finish(const locks::DomainLock& lock) {
        finish_for_harness(
            run_, base::duplicate(lock.fd()),
            {.result = "signal", .exit_code = "killed", .exit_status = "signal 9"},
            [this](link::Kind kind, std::string_view) { told_ |= kind == link::Kind::verdict; });
    }

    static constexpr const char* k_domain = "demo-0a1b2c.ci.localhost";
    test::TempDir dir_;
    fs::path locks_ = dir_.path() / "locks";
    fs::path mark_ = dir_.path() / "torn-down";
    run::RunDir run_ = run::RunDir::create(dir_.path() / "runs", "1");
    bool told_ = false;
};

// Case 32.
TEST_F(StopPostTest, TearsDownUnderTheLockAndUnlinksIt) {
    const locks::DomainLock lock = acquire();

    finish(lock);

    EXPECT_TRUE(fs::exists(mark_));
    EXPECT_FALSE(fs::exists(lock.path()));
    EXPECT_EQ(run_.read()->verdict->kind, run::VerdictKind::killed);
    EXPECT_EQ(run_.read()->clean, true);
    EXPECT_TRUE(told_);
}

// Case 10, 32. The file is unlinked when nothing is left, so from then on another run may have the
// domain. Breaking it: without the look at the path its app is torn down and its lock file removed.
TEST_F(StopPostTest, TouchesNothingOfARunThatCameAfterTheUnlink) {
    const locks::DomainLock lock = acquire();
    fs::remove(lock.path());
    const locks::DomainLock next = acquire();

    finish(lock);

    EXPECT_FALSE(fs::exists(mark_));
    EXPECT_TRUE(locks::is_at_path(next.fd(), next.path()));
    EXPECT_EQ(run_.read()->verdict->kind, run::VerdictKind::killed);
    EXPECT_EQ(run_.read()->clean, true);
    EXPECT_FALSE(run_.read_request());
    EXPECT_TRUE(told_);
}

// Case 10. Killed between the record and the removal of the request.
TEST_F(StopPostTest, KeepsTheVerdictOfAHarnessThatHadFinished) {
    const locks::DomainLock lock = acquire();
    fs::remove(lock.path());
    const locks::DomainLock next = acquire();
    run::Record record = *run_.read();
    record.state = run::State::ended;
    record.clean = true;
    record.verdict = run::Verdict{run::VerdictKind::failed, 7, "the job exited with 7"};
    run_.write(record);

    finish(lock);

    EXPECT_FALSE(fs::exists(mark_));
    EXPECT_TRUE(locks::is_at_path(next.fd(), next.path()));
    EXPECT_EQ(run_.read()->verdict->exit_code, 7);
}

}  // namespace
}  // namespace ccci::harness
