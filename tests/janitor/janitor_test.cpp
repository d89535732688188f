#include "janitor/janitor.hpp"

#include <gtest/gtest.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <memory>
#include <set>

#include "locks/domain_lock.hpp"
#include "locks/waiting.hpp"
#include "support/fake_platform.hpp"
#include "support/forked_child.hpp"
#include "support/temp_dir.hpp"

namespace ccci::janitor {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using std::chrono::system_clock;

constexpr const char* k_a = "a-000000.ci.example.net";
constexpr const char* k_b = "b-000000.ci.example.net";
constexpr const char* k_c = "c-000000.ci.example.net";

/// Passes over a real lock directory and apps that are files.
class JanitorTest : public testing::Test {
protected:
    JanitorTest() {
        fs::create_directory(locks_);
        config_.lock_dir = locks_;
        config_.run_app_pattern = run::RunAppPattern::for_base_domain("ci.example.net");
        config_.deadline = 1h;
        config_.teardown_budget = 10min;
    }

    Pass pass(const Options& options = {}) {
        told_.clear();
        return make_pass(config_, &platform_, options,
                         [&](const Outcome& outcome) { told_.push_back(outcome.action.domain); });
    }

    /// The outcomes by domain.
    static std::map<std::string, Outcome> by_domain(const Pass& pass) {
        std::map<std::string, Outcome> result;
        for (const Outcome& outcome : pass.outcomes) {
            result.emplace(outcome.action.domain, outcome);
        }
        return result;
    }

    fs::path lock_file(const std::string& domain) const { return locks::lock_path(locks_, domain); }

    /// As a crashed run leaves it.
    void leave_lock_file(const std::string& domain) const {
        std::ofstream{lock_file(domain)} << "{\n";
        (void)::chmod(lock_file(domain).c_str(), 0600);
    }

    std::variant<locks::DomainLock, locks::Busy> acquire(const std::string& domain) const {
        return locks::DomainLock::try_acquire(locks_, domain);
    }

    bool is_held(const std::string& domain) const {
        return std::holds_alternative<locks::Busy>(acquire(domain));
    }

    /// What a live run does; keeps the lock as long as the result lives.
    std::unique_ptr<test::ForkedChild> run_of(
        const std::string& domain, system_clock::time_point since = system_clock::now()) {
        std::optional<locks::DomainLock> lock;
        return std::make_unique<test::ForkedChild>([&, domain, since] {
            lock = std::get<locks::DomainLock>(acquire(domain));
            lock->write_holder({.run = "290",
                                .unit = "cc-ci-run-290.service",
                                .invocation = "",
                                .user = "root",
                                .since = since,
                                .until = std::nullopt});
        });
    }

    std::set<std::string> files_in_lock_dir() const {
        std::set<std::string> result;
        for (const auto& entry : fs::directory_iterator{locks_}) {
            result.insert(entry.path().filename());
        }
        return result;
    }

    using Names = std::vector<std::string>;

    test::TempDir dir_;
    fs::path locks_ = dir_.path() / "locks";
    test::FakePlatform platform_{dir_.path() / "platform"};
    run::Config config_;
    Names told_;
};

// Case 11.
TEST_F(JanitorTest, ReapsAnOrphanOnceAndUnlinksItsLockFile) {
    platform_.deploy(k_a);
    leave_lock_file(k_a);

    const Pass first = pass();
    const Pass second = pass();

    EXPECT_TRUE(first.is_complete());
    ASSERT_EQ(first.outcomes.size(), 1U);
    EXPECT_EQ(first.outcomes[0].action.act, Act::reap);
    EXPECT_EQ(first.outcomes[0].report, "removed 1 service in 0ms; nothing left");
    EXPECT_TRUE(second.outcomes.empty());
    EXPECT_EQ(platform_.torn_down(), Names{k_a});
    EXPECT_TRUE(files_in_lock_dir().empty());
}

TEST_F(JanitorTest, ReapsUnderTheLockAndWithinTheBudget) {
    platform_.deploy(k_a);
    std::string holder;
    platform_.on_teardown = [&](const std::string& domain) {
        const auto result = acquire(domain);
        holder = std::get<locks::Busy>(result).holder->run;
    };
    const auto before = std::chrono::steady_clock::now();

    (void)pass();

    EXPECT_EQ(holder, "janitor");
    EXPECT_GE(platform_.last_until, before + config_.teardown_budget);
    EXPECT_LE(platform_.last_until, std::chrono::steady_clock::now() + config_.teardown_budget);
    EXPECT_FALSE(is_held(k_a));
}

TEST_F(JanitorTest, UnlinksALockFileWithoutAnApp) {
    leave_lock_file(k_a);

    const Pass made = pass();

    EXPECT_TRUE(made.is_complete());
    EXPECT_EQ(made.outcomes.at(0).action.act, Act::unlink_only);
    EXPECT_TRUE(files_in_lock_dir().empty());
    EXPECT_TRUE(platform_.torn_down().empty());
}

// Case 11. A listing grows old while other apps are torn down: the run of a lock file may have
// deployed and died since. Only a look under its lock tells that there is no app.
TEST_F(JanitorTest, ReapsTheAppOfARunThatDiedAfterTheListing) {
    leave_lock_file(k_a);
    platform_.on_list = [&] {
        platform_.deploy(k_a);
        platform_.on_list = [] {};
    };

    const Pass made = pass();

    EXPECT_TRUE(made.is_complete());
    EXPECT_EQ(made.outcomes.at(0).action.act, Act::reap);
    EXPECT_FALSE(platform_.exists(k_a));
    EXPECT_TRUE(files_in_lock_dir().empty());
}

TEST_F(JanitorTest, ListsOnceMoreOnlyWhereARunMayHaveDied) {
    int listings = 0;
    bool held = false;
    platform_.on_list = [&] {
        ++listings;
        held = is_held(k_b);
    };
    platform_.deploy(k_a);
    (void)acquire(k_c);  // a file in which nobody is named

    (void)pass();
    EXPECT_EQ(listings, 1);
    leave_lock_file(k_b);
    (void)pass();

    EXPECT_EQ(listings, 3);
    EXPECT_TRUE(held) << "it is a fact only while the lock is held";
    EXPECT_TRUE(files_in_lock_dir().empty());
}

TEST_F(JanitorTest, KeepsTheLockFileWhenItCannotLookAgain) {
    leave_lock_file(k_a);
    platform_.on_list = [&] { platform_.unreachable = true; };

    const Pass made = pass();

    EXPECT_FALSE(made.is_complete());
    EXPECT_EQ(made.problems, Names{"the platform is down"});
    EXPECT_EQ(made.outcomes.at(0).action.act, Act::keep_file);
    EXPECT_TRUE(fs::exists(lock_file(k_a)));
}

// What a `--teardown` of its own makes need not be an app that the platform knows. Only the next
// run can see to it, and only if it finds the file.
TEST_F(JanitorTest, LeavesToTheNextRunWhatOnlyItsTeardownRemoves) {
    for (const char* domain : {k_a, k_b}) {
        std::get<locks::DomainLock>(acquire(domain))
            .write_holder({.run = "290",
                           .unit = "",
                           .invocation = "",
                           .user = "root",
                           .since = system_clock::now(),
                           .until = std::nullopt,
                           .own_teardown = true});
    }
    platform_.deploy(k_b);

    const Pass first = pass();
    const Pass second = pass();

    EXPECT_TRUE(first.is_complete());
    EXPECT_EQ(by_domain(first).at(k_a).action.act, Act::keep_file);
    EXPECT_EQ(by_domain(first).at(k_b).action.act, Act::reap);
    EXPECT_FALSE(platform_.exists(k_b));
    EXPECT_EQ(by_domain(second).at(k_b).action.act, Act::keep_file);
    EXPECT_NE(by_domain(second).at(k_b).action.evidence.find("run 290"), std::string::npos);
    for (const char* domain : {k_a, k_b}) {
        EXPECT_TRUE(std::get<locks::DomainLock>(acquire(domain)).had_predecessor()) << domain;
    }
}

// Case 12.
TEST_F(JanitorTest, LeavesALiveRunAloneAndNamesIt) {
    platform_.deploy(k_a);
    const auto live = run_of(k_a);

    const Pass made = pass();

    EXPECT_TRUE(made.is_complete());
    EXPECT_EQ(made.outcomes.at(0).action.act, Act::leave);
    EXPECT_NE(made.outcomes.at(0).action.evidence.find("run 290"), std::string::npos);
    EXPECT_TRUE(platform_.exists(k_a));
    EXPECT_TRUE(is_held(k_a));
}

// Case 11.
TEST_F(JanitorTest, ReapsARunThatWasKilledAtOnce) {
    platform_.deploy(k_a);
    run_of(k_a)->kill_and_wait();

    EXPECT_EQ(pass().outcomes.at(0).action.act, Act::reap);
    EXPECT_FALSE(platform_.exists(k_a));
}

// Case 13.
TEST_F(JanitorTest, LetsANewRunWaitForASlowReap) {
    platform_.deploy(k_a);
    leave_lock_file(k_a);
    const test::Gate tearing_down;
    const test::Gate go_on;
    platform_.on_teardown = [&](const std::string&) {
        tearing_down.open();
        go_on.wait();
    };
    test::BackgroundChild janitor{[&] { return pass().is_complete() ? 0 : 1; }};
    tearing_down.wait();

    auto busy = acquire(k_a);
    ASSERT_TRUE(std::holds_alternative<locks::Busy>(busy));
    EXPECT_EQ(std::get<locks::Busy>(busy).holder->run, "janitor");
    locks::Waiting waiting{std::move(std::get<locks::Busy>(busy))};
    EXPECT_FALSE(test::is_readable(waiting.pidfd()));
    EXPECT_TRUE(platform_.exists(k_a));
    go_on.open();
    ASSERT_TRUE(test::becomes_readable(waiting.pidfd()));
    const auto lock = waiting.finish();

    ASSERT_TRUE(lock);
    EXPECT_FALSE(platform_.exists(k_a)) << "it began before the reap was over";
    EXPECT_FALSE(lock->had_predecessor());
    platform_.deploy(k_a);
    platform_.on_teardown = [](const std::string&) {};
    EXPECT_EQ(pass().outcomes.at(0).action.act, Act::leave);
    EXPECT_TRUE(janitor.wait().success());
    EXPECT_TRUE(platform_.exists(k_a));
}

// Case 14.
TEST_F(JanitorTest, LeavesToAnotherJanitorWhatThatOneReaps) {
    platform_.deploy(k_a);
    platform_.deploy(k_b);
    const test::Gate tearing_down;
    const test::Gate go_on;
    test::BackgroundChild slow{[&] {
        platform_.on_teardown = [&](const std::string& domain) {
            if (domain == k_a) {
                tearing_down.open();
                go_on.wait();
            }
        };
        return pass().is_complete() ? 0 : 1;
    }};
    tearing_down.wait();

    const Pass other = pass();

    EXPECT_TRUE(other.is_complete());
    EXPECT_EQ(by_domain(other).at(k_a).action.act, Act::leave);
    EXPECT_NE(by_domain(other).at(k_a).action.evidence.find("the janitor"), std::string::npos);
    EXPECT_EQ(by_domain(other).at(k_b).action.act, Act::reap);
    go_on.open();
    EXPECT_TRUE(slow.wait().success());
    EXPECT_EQ(platform_.torn_down(), (Names{k_b, k_a}));
    EXPECT_TRUE(files_in_lock_dir().empty());
}

// Case 14: whichever way they meet, there are never two teardowns of one domain at once (the fake
// platform would throw), and each app is reaped once.
TEST_F(JanitorTest, SharesTheWorkWithOthersInAnyOrder) {
    std::set<std::string> domains;
    for (int n = 0; n < 40; ++n) {
        domains.insert(fmt::format("x-{:06x}.ci.example.net", n));
    }
    for (const std::string& domain : domains) {
        platform_.deploy(domain);
    }
    const test::Gate go;
    std::vector<std::unique_ptr<test::BackgroundChild>> janitors;
    for (int n = 0; n < 4; ++n) {
        janitors.push_back(std::make_unique<test::BackgroundChild>([&] {
            // All of them have listed before any of them begins.
            platform_.on_list = [&] { go.wait(); };
            return pass().is_complete() ? 0 : 1;
        }));
    }

    go.open();

    for (const auto& janitor : janitors) {
        EXPECT_TRUE(janitor->wait().success());
    }
    const Names torn_down = platform_.torn_down();
    EXPECT_EQ(torn_down.size(), domains.size());
    EXPECT_EQ(std::set<std::string>(torn_down.begin(), torn_down.end()), domains);
    EXPECT_TRUE(files_in_lock_dir().empty());
}

// Case 15.
TEST_F(JanitorTest, ReapsEveryRunAppAtOnceAfterAReboot) {
    for (const char* domain : {k_a, k_b, k_c}) {
        platform_.deploy(domain);
    }

    EXPECT_TRUE(pass().is_complete());

    EXPECT_EQ(platform_.torn_down(), (Names{k_a, k_b, k_c}));
    EXPECT_TRUE(files_in_lock_dir().empty());
}

// Case 16.
TEST_F(JanitorTest, FlagsALockThatIsHeldForTooLongAndDoesNotStealIt) {
    platform_.deploy(k_a);
    const auto live = run_of(k_a, system_clock::now() - 3h);

    const Pass made = pass();

    EXPECT_TRUE(made.is_complete());
    EXPECT_EQ(made.outcomes.at(0).action.act, Act::warn);
    EXPECT_NE(made.outcomes.at(0).action.evidence.find("cc-ci-run-290.service"), std::string::npos);
    EXPECT_TRUE(platform_.exists(k_a));
    EXPECT_TRUE(is_held(k_a));
}

// Case 17.
TEST_F(JanitorTest, NeverProbesWhatIsNoRunApp) {
    platform_.lists_everything = true;
    for (const char* domain : {"traefik.ci.example.net", "immi-ad3e33.example.net", "warm.x.net",
                               "immi-ad3e3.ci.example.net"}) {
        platform_.deploy(domain);
    }
    leave_lock_file("traefik.ci.example.net");
    leave_lock_file("UPPER");
    std::ofstream{locks_ / "docker.lock"} << "x";
    const auto before = files_in_lock_dir();

    const Pass made = pass();

    EXPECT_TRUE(made.outcomes.empty());
    EXPECT_TRUE(told_.empty());
    EXPECT_TRUE(platform_.torn_down().empty());
    EXPECT_EQ(files_in_lock_dir(), before) << "not even a lock file is created";
}

// Case 18.
TEST_F(JanitorTest, SkipsWhatIsNoLockFileOfOursAndServesTheOthers) {
    platform_.deploy(k_a);
    platform_.deploy(k_b);
    platform_.deploy(k_c);
    ASSERT_TRUE(fs::create_directory(lock_file(k_a)));
    leave_lock_file(k_b);
    (void)::chmod(lock_file(k_b).c_str(), 0644);

    const Pass made = pass();

    EXPECT_FALSE(made.is_complete());
    const auto outcomes = by_domain(made);
    EXPECT_EQ(outcomes.at(k_a).action.act, Act::skip);
    EXPECT_NE(outcomes.at(k_a).action.evidence.find("is a directory"), std::string::npos);
    EXPECT_EQ(outcomes.at(k_b).action.act, Act::skip);
    EXPECT_EQ(outcomes.at(k_c).action.act, Act::reap);
    EXPECT_EQ(platform_.torn_down(), Names{k_c});
}

// Case 18.
TEST_F(JanitorTest, SkipsLinksFifosAndFilesOfOthers) {
    platform_.deploy(k_a);
    platform_.deploy(k_b);
    platform_.deploy(k_c);
    fs::create_symlink("/etc/passwd", lock_file(k_a));
    ASSERT_EQ(::mkfifo(lock_file(k_b).c_str(), 0600), 0);
    leave_lock_file(k_c);
    if (::geteuid() == 0) {
        ASSERT_EQ(::chown(lock_file(k_c).c_str(), 1500, 1500), 0);
    } else {
        (void)::chmod(lock_file(k_c).c_str(), 0000);
    }

    const Pass made = pass();

    EXPECT_EQ(made.outcomes.size(), 3U);
    for (const Outcome& outcome : made.outcomes) {
        EXPECT_EQ(outcome.action.act, Act::skip) << outcome.action.domain;
        EXPECT_FALSE(outcome.done);
    }
    EXPECT_TRUE(platform_.torn_down().empty());
}

// Case 18.
TEST_F(JanitorTest, SaysThatTheLockDirectoryIsMissing) {
    platform_.deploy(k_a);
    ASSERT_TRUE(fs::remove(locks_));

    const Pass made = pass();

    EXPECT_FALSE(made.is_complete());
    ASSERT_EQ(made.problems.size(), 1U);
    EXPECT_NE(made.problems[0].find(locks_.native()), std::string::npos);
    EXPECT_EQ(made.outcomes.at(0).action.act, Act::skip) << "without a lock nothing is touched";
    EXPECT_TRUE(platform_.exists(k_a));
    EXPECT_FALSE(fs::exists(locks_));
}

// Case 18.
TEST_F(JanitorTest, KeepsEveryLockFileWhileThePlatformIsDown) {
    platform_.deploy(k_a);
    leave_lock_file(k_a);
    platform_.unreachable = true;

    const Pass made = pass();

    EXPECT_FALSE(made.is_complete());
    EXPECT_EQ(made.problems, Names{"the platform is down"});
    EXPECT_EQ(made.outcomes.at(0).action.act, Act::keep_file);
    EXPECT_TRUE(fs::exists(lock_file(k_a)));
    EXPECT_FALSE(is_held(k_a));
}

TEST_F(JanitorTest, LooksAtLockFilesOnlyWhereThereIsNoPlatform) {
    leave_lock_file(k_a);

    const Pass made = make_pass(config_, nullptr, {}, [](const Outcome&) {});

    EXPECT_TRUE(made.is_complete());
    EXPECT_EQ(made.outcomes.at(0).action.act, Act::keep_file);
    EXPECT_TRUE(fs::exists(lock_file(k_a)));
}

// Case 19.
TEST_F(JanitorTest, GoesOnWhereOneTeardownFailsAndSaysSo) {
    platform_.deploy(k_a);
    platform_.deploy(k_b);
    platform_.deploy(k_c);
    platform_.broken = k_a;
    platform_.stuck = k_b;

    const Pass made = pass();

    EXPECT_FALSE(made.is_complete());
    const auto outcomes = by_domain(made);
    EXPECT_FALSE(outcomes.at(k_a).done);
    EXPECT_EQ(outcomes.at(k_a).report, "the engine said no");
    EXPECT_FALSE(outcomes.at(k_b).done);
    EXPECT_EQ(outcomes.at(k_b).report, "left: volume data: in use");
    EXPECT_TRUE(outcomes.at(k_c).done);
    EXPECT_EQ(platform_.torn_down(), Names{k_c});
    EXPECT_EQ(told_, (Names{k_a, k_b, k_c}));
    // The files tell the next pass, and the next run, that something is left.
    EXPECT_TRUE(fs::exists(lock_file(k_a)));
    EXPECT_TRUE(fs::exists(lock_file(k_b)));
    EXPECT_FALSE(fs::exists(lock_file(k_c)));
    EXPECT_FALSE(is_held(k_a));

    platform_.broken = "";
    platform_.stuck = "";
    EXPECT_TRUE(pass().is_complete());
    EXPECT_TRUE(files_in_lock_dir().empty());
}

// Case 19: the rest of a janitor that is killed in the middle of a teardown.
TEST_F(JanitorTest, FinishesWhatAKilledJanitorBegan) {
    platform_.deploy(k_a);
    const test::Gate tearing_down;
    const test::Gate never;
    {
        const test::BackgroundChild janitor{[&] {
            platform_.on_teardown = [&](const std::string&) {
                tearing_down.open();
                never.wait();
            };
            return pass().is_complete() ? 0 : 1;
        }};
        tearing_down.wait();
        EXPECT_TRUE(is_held(k_a));
    }
    fs::remove(dir_.path() / "platform" / (std::string{"tearing-down-"} + k_a));

    EXPECT_EQ(pass().outcomes.at(0).action.act, Act::reap);
    EXPECT_FALSE(platform_.exists(k_a));
    EXPECT_TRUE(files_in_lock_dir().empty());
}

/// The operator's own commands, which start others.
class JanitorCommandTest : public JanitorTest {
protected:
    JanitorCommandTest() {
        config_.platform = run::PlatformKind::command;
        config_.list_command = std::string{"echo "} + k_a;
        config_.command_timeout = 1min;
        ::setenv("DIRECTORY", dir_.path().c_str(), 1);
        for (const fs::path& fifo : {started_, end_}) {
            (void)::mkfifo(fifo.c_str(), 0600);
        }
    }

    Pass pass() {
        return make_pass(config_, platform::make_platform(config_).get(), {},
                         [](const Outcome&) {});
    }

    /// Blocks until somebody has written there.
    static void read_to_end(const fs::path& fifo) {
        (void)base::read_all(base::open_file(fifo, O_RDONLY).get(), fifo.native());
    }

    fs::path started_ = dir_.path() / "started";
    fs::path end_ = dir_.path() / "end";
};

// Case 19: the command dies with the janitor, but what it started does not, and goes on removing.
// Breaking it: without share_with_programs() the next run has the lock at once.
TEST_F(JanitorCommandTest, KeepsTheLockForWhatAKilledJanitorStarted) {
    config_.teardown_command = "(echo x >$DIRECTORY/started; read x <$DIRECTORY/end) & wait";
    test::BackgroundChild janitor{[&] { return pass().is_complete() ? 0 : 1; }};
    read_to_end(started_);

    janitor.signal(SIGKILL);
    (void)janitor.wait();

    EXPECT_TRUE(is_held(k_a));
    { const base::UniqueFd end = base::open_file(end_, O_WRONLY); }
    EXPECT_TRUE(test::eventually([&] { return !is_held(k_a); }));
}

TEST_F(JanitorCommandTest, GivesTheLockBackWhateverItsTeardownLeftRunning) {
    for (const int code : {0, 1}) {
        config_.teardown_command =
            fmt::format("sleep 1000 >/dev/null & echo $! >$DIRECTORY/pid; exit {}", code);

        EXPECT_EQ(pass().is_complete(), code == 0);

        EXPECT_FALSE(is_held(k_a)) << code;
        const pid_t pid = std::stoi(base::try_read_file(dir_.path() / "pid").value_or("0"));
        ASSERT_GT(pid, 1);
        EXPECT_EQ(::kill(pid, SIGKILL), 0) << "it was to live on";
        fs::remove(lock_file(k_a));
    }
}

// Case 20.
TEST_F(JanitorTest, ChangesNothingInADryRunAndTellsWhatItSaw) {
    platform_.deploy(k_a);
    platform_.deploy(k_b);
    leave_lock_file(k_b);
    leave_lock_file(k_c);
    constexpr const char* k_live = "l-000000.ci.example.net";
    constexpr const char* k_odd = "o-000000.ci.example.net";
    platform_.deploy(k_live);
    const auto live = run_of(k_live, system_clock::now() - 3h);
    fs::create_directory(lock_file(k_odd));
    const auto before = files_in_lock_dir();
    const auto written = fs::last_write_time(lock_file(k_b));

    const Pass made = pass({.dry_run = true, .only = {}});

    const auto outcomes = by_domain(made);
    EXPECT_EQ(outcomes.size(), 5U);
    EXPECT_EQ(outcomes.at(k_a).action.act, Act::reap);
    EXPECT_NE(outcomes.at(k_a).action.evidence.find("no lock file"), std::string::npos);
    EXPECT_EQ(outcomes.at(k_b).action.act, Act::reap);
    EXPECT_EQ(outcomes.at(k_c).action.act, Act::unlink_only);
    EXPECT_EQ(outcomes.at(k_live).action.act, Act::warn);
    EXPECT_EQ(outcomes.at(k_odd).action.act, Act::skip);
    for (const Outcome& outcome : made.outcomes) {
        EXPECT_FALSE(outcome.action.evidence.empty()) << outcome.action.domain;
    }
    EXPECT_EQ(told_.size(), 5U);
    EXPECT_TRUE(platform_.torn_down().empty());
    EXPECT_EQ(files_in_lock_dir(), before);
    EXPECT_EQ(fs::last_write_time(lock_file(k_b)), written);
    EXPECT_TRUE(is_held(k_live));
    EXPECT_FALSE(is_held(k_b));
}

// Case 20. Breaking it: a probe that takes even a shared lock is red here.
TEST_F(JanitorTest, IsInNobodysWayInADryRun) {
    platform_.deploy(k_a);
    leave_lock_file(k_a);
    const test::Gate looking;
    test::BackgroundChild janitor{[&] {
        for (;;) {
            (void)pass({.dry_run = true, .only = {}});
            looking.open();
        }
        return 0;
    }};
    looking.wait();

    int times_busy = 0;
    for (int n = 0; n < 20'000; ++n) {
        times_busy += is_held(k_a) ? 1 : 0;
    }

    EXPECT_EQ(times_busy, 0);
}

// Case 20: a lock that systemd holds was taken by a step that may be dead.
TEST_F(JanitorTest, SeesALockInADryRunWhoeverTookIt) {
    platform_.deploy(k_a);
    leave_lock_file(k_a);
    const auto fd = locks::open_lock_file(lock_file(k_a));
    ASSERT_TRUE(test::run_in_child([&] { return ::flock(fd->get(), LOCK_EX); }).success());

    const Pass made = pass({.dry_run = true, .only = {}});

    EXPECT_EQ(made.outcomes.at(0).action.act, Act::leave);
}

TEST_F(JanitorTest, LooksAtOneDomainAloneWhenAsked) {
    platform_.deploy(k_a);
    platform_.deploy(k_b);
    leave_lock_file(k_c);

    const Pass made = pass({.dry_run = false, .only = k_b});

    EXPECT_EQ(made.outcomes.size(), 1U);
    EXPECT_EQ(platform_.torn_down(), Names{k_b});
    EXPECT_TRUE(platform_.exists(k_a));
    EXPECT_TRUE(fs::exists(lock_file(k_c)));
}

}  // namespace
}  // namespace ccci::janitor
