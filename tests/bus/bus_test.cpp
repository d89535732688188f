#include <sched.h>
#include <sys/mount.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <memory>
#include <thread>

#include "base/text.hpp"
#include "scenarios/scenario.hpp"

// The real programs on a real bus, with a systemd that leaves it at the worst moment. The mounts of
// the test are its own: what it puts in the place of /run is seen by nobody else.

namespace ccci::test {
namespace {

class BusTest : public Scenario {
protected:
    void SetUp() override {
        if (::geteuid() != 0 || ::unshare(CLONE_NEWNS) != 0) {
            GTEST_SKIP() << "needs root and mounts of its own, for the place of the system bus";
        }
        Scenario::SetUp();
        ASSERT_EQ(::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr), 0)
            << std::strerror(errno);
        ASSERT_EQ(::mount("tmpfs", "/run", "tmpfs", MS_NOSUID | MS_NODEV, nullptr), 0)
            << std::strerror(errno);
        std::filesystem::create_directories("/run/dbus");
        std::filesystem::create_directories("/run/systemd/system");
        std::ofstream{config_}
            << "<busconfig><auth>EXTERNAL</auth>"
               "<listen>unix:path=/run/dbus/system_bus_socket</listen>"
               "<policy context='default'><allow own='*'/><allow eavesdrop='true'/>"
               "<allow send_destination='*' eavesdrop='true'/></policy>"
               "</busconfig>\n";
        start_bus();
    }

    void TearDown() override {
        if (HasFailure() && systemd_) {
            systemd_->kill(SIGKILL);
            (void)systemd_->wait();
            std::printf("---- the fake systemd said:\n%s%s----\n", systemd_->output().c_str(),
                        base::try_read_file(log_).value_or("").c_str());
        }
        systemd_.reset();
        bus_.reset();
        // Nothing of the test keeps it busy; the mount goes with the process at the latest.
        (void)::umount2("/run", MNT_DETACH);
    }

    void start_bus() {
        bus_.reset();
        std::filesystem::remove("/run/dbus/system_bus_socket");
        bus_ = std::make_unique<ProcessUnderTest>(
            std::vector<std::string>{"dbus-daemon", "--config-file=" + config_.native(), "--nofork",
                                     "--nopidfile", "--print-address"});
        ASSERT_TRUE(bus_->wait_for("unix:path=")) << bus_->output();
    }

    void start_systemd(const std::vector<std::string>& faults) {
        std::vector<std::string> argv{CCCI_FAKE_SYSTEMD, "unix:path=/run/dbus/system_bus_socket",
                                      log_};
        argv.insert(argv.end(), faults.begin(), faults.end());
        systemd_ = std::make_unique<ProcessUnderTest>(std::move(argv));
        ASSERT_TRUE(systemd_->wait_for("on the bus")) << systemd_->output();
    }

    /// How often the fake was asked, or said something.
    [[nodiscard]] long count(std::string_view word) const {
        const std::vector<std::string> lines =
            base::split(base::try_read_file(log_).value_or(""), '\n');
        return std::count_if(lines.begin(), lines.end(),
                             [&](const std::string& line) { return line.starts_with(word); });
    }

    /// A job that can be seen to have run once, and no oftener.
    static std::vector<std::string> counted_argv() {
        return domain_argv({"--run-id", "1"}, "echo x >>$MARKS/ran; exit 7");
    }

    /// A run that goes on until it is told to stop.
    std::unique_ptr<ProcessUnderTest> start_sleeper(const std::string& teardown) {
        auto step = std::make_unique<ProcessUnderTest>(
            run_argv({"--run-id", "1", "--domain", k_domain, "--teardown", teardown},
                     "echo job runs; sleep 1000"));
        EXPECT_TRUE(step->wait_for("job runs")) << step->output();
        return step;
    }

    std::filesystem::path config_ = dir_.path() / "bus.conf";
    std::filesystem::path log_ = dir_.path() / "systemd.log";
    std::unique_ptr<ProcessUnderTest> bus_;
    std::unique_ptr<ProcessUnderTest> systemd_;
};

TEST_F(BusTest, RunsWhatSystemdStarts) {
    start_systemd({});

    ProcessUnderTest step{counted_argv()};

    EXPECT_EQ(step.exit_code(), 7) << step.output();
    EXPECT_EQ(read_mark("ran"), "x\n");
    EXPECT_TRUE(has_mark("torn-down"));
    EXPECT_FALSE(has_lock_file());
}

TEST_F(BusTest, Case36AsksAgainWhenTheStartWasLostOnTheWay) {
    start_systemd({"start=lost-before"});

    ProcessUnderTest step{counted_argv()};

    EXPECT_EQ(step.exit_code(), 7) << step.output();
    EXPECT_EQ(count("start "), 2);
    EXPECT_EQ(read_mark("ran"), "x\n");
    EXPECT_FALSE(has_lock_file());
}

TEST_F(BusTest, Case36DoesNotStartTwiceWhenOnlyTheAnswerWasLost) {
    start_systemd({"start=lost-after"});

    ProcessUnderTest step{counted_argv()};

    EXPECT_EQ(step.exit_code(), 7) << step.output();
    EXPECT_EQ(count("start "), 1);
    EXPECT_EQ(read_mark("ran"), "x\n");
    EXPECT_FALSE(has_lock_file());
}

TEST_F(BusTest, Case39GivesUpOnASystemdThatStaysAway) {
    start_systemd(std::vector<std::string>(8, "start=lost-before"));

    ProcessUnderTest step{counted_argv()};

    EXPECT_EQ(step.exit_code(), 125) << step.output();
    EXPECT_NE(step.output().find("start unit cc-ci-run-1.service"), std::string::npos)
        << step.output();
    EXPECT_EQ(read_mark("ran"), "");
    EXPECT_TRUE(becomes_lock_free());
}

// Longer than for a systemd that is away: it is there, and two hundred others want something.
TEST_F(BusTest, WaitsForABusThatIsFull) {
    start_systemd(std::vector<std::string>(7, "start=overloaded"));

    ProcessUnderTest step{counted_argv()};

    EXPECT_EQ(step.exit_code(), 7) << step.output();
    EXPECT_EQ(count("start "), 8);
    EXPECT_EQ(read_mark("ran"), "x\n");
    EXPECT_FALSE(has_lock_file());
}

TEST_F(BusTest, Case39SaysInOneLineWhatSystemdRefused) {
    for (const std::string fault : {"refused", "garbled"}) {
        start_systemd({"start=" + fault});

        ProcessUnderTest step{domain_argv({}, "echo x >>$MARKS/ran")};

        EXPECT_EQ(step.exit_code(), 125) << fault << step.output();
        EXPECT_NE(step.output().find("start unit cc-ci-run-"), std::string::npos) << step.output();
        EXPECT_EQ(read_mark("ran"), "");
        EXPECT_TRUE(becomes_lock_free());
    }
}

TEST_F(BusTest, ACancelThatIsLostOnTheBusStillTravelsOverTheLink) {
    start_systemd({"stop=lost-before"});
    const auto step = start_sleeper("touch $MARKS/torn-down");

    step->kill(SIGTERM);

    EXPECT_EQ(step->exit_code(), 143) << step->output();
    EXPECT_TRUE(has_mark("torn-down"));
    EXPECT_TRUE(becomes_lock_free());
}

struct LostStop {
    const char* fault;
    const char* teardown;
    long asked;  ///< at least
};

void PrintTo(const LostStop& stop, std::ostream* out) {
    *out << stop.fault << ", then " << stop.teardown;
}

class CancelTest : public BusTest, public testing::WithParamInterface<LostStop> {};

TEST_P(CancelTest, WaitsForTheEndOfTheUnitWhateverTheBusDoes) {
    start_systemd({std::string{"stop="} + GetParam().fault});
    const auto step = start_sleeper(std::string{GetParam().teardown} + "; touch $MARKS/torn-down");

    ProcessUnderTest cancel{{CCCI_PROGRAM, "cancel", "1"}};

    EXPECT_EQ(cancel.exit_code(), 0) << cancel.output();
    EXPECT_EQ(count("over "), 1) << "it came back before the end";
    EXPECT_NE(cancel.output().find("cancelled"), std::string::npos) << cancel.output();
    EXPECT_GE(count("stop "), GetParam().asked);
    EXPECT_EQ(step->exit_code(), 143) << step->output();
    EXPECT_TRUE(has_mark("torn-down"));
}

INSTANTIATE_TEST_SUITE_P(
    Bus, CancelTest,
    testing::Values(LostStop{"none", "sleep 0.5", 1}, LostStop{"removed-first", "sleep 0.5", 1},
                    LostStop{"lost-before", "sleep 0.5", 2},
                    // The unit ends while systemd is away, and after it has come back.
                    LostStop{"lost-waiting", "true", 1}, LostStop{"lost-waiting", "sleep 2", 2}));

TEST_F(BusTest, ACancelOutlivesTheBusItself) {
    start_systemd({});
    const auto step = start_sleeper("touch $MARKS/tearing; sleep 2; touch $MARKS/torn-down");
    ProcessUnderTest cancel{{CCCI_PROGRAM, "cancel", "1"}};
    ASSERT_TRUE(step->wait_for("cancelled")) << step->output();

    start_bus();

    EXPECT_EQ(cancel.exit_code(), 0) << cancel.output();
    EXPECT_EQ(count("over "), 1) << "it came back before the end";
    EXPECT_EQ(step->exit_code(), 143) << step->output();
    EXPECT_TRUE(has_mark("torn-down"));
}

TEST_F(BusTest, Case30IsCancelledByOthersWhileItsStartIsPending) {
    start_systemd({"start=pending"});
    ProcessUnderTest step{counted_argv()};
    while (count("start ") == 0) {
        std::this_thread::sleep_for(std::chrono::milliseconds{5});
    }

    ProcessUnderTest cancel{{CCCI_PROGRAM, "cancel", "1"}};

    EXPECT_EQ(cancel.exit_code(), 0) << cancel.output();
    EXPECT_EQ(step.exit_code(), 143) << step.output();
    EXPECT_EQ(record("1")->verdict->kind, run::VerdictKind::cancelled);
    EXPECT_FALSE(has_mark("ran"));
}

TEST_F(BusTest, CancelSaysThatAUnitIsGone) {
    start_systemd({});
    const auto step = start_sleeper("true");
    step->kill(SIGKILL);
    (void)step->wait();

    ProcessUnderTest first{{CCCI_PROGRAM, "cancel", "1"}};
    EXPECT_EQ(first.exit_code(), 0) << first.output();
    ProcessUnderTest second{{CCCI_PROGRAM, "cancel", "1"}};

    EXPECT_EQ(second.exit_code(), 0) << second.output();
    EXPECT_NE(second.output().find("over already"), std::string::npos) << second.output();
}

}  // namespace
}  // namespace ccci::test
