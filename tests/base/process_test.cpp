#include "base/process.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <fstream>
#include <set>
#include <stdexcept>

#include "base/files.hpp"
#include "base/text.hpp"
#include "support/forked_child.hpp"
#include "support/signal_state.hpp"
#include "support/temp_dir.hpp"

namespace ccci::base {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> shell(const std::string& script) {
    return {"/bin/sh", "-c", script};
}

Child must_spawn(const Command& command) {
    return std::get<Child>(spawn(command));
}

ExitStatus run(const Command& command) {
    return must_spawn(command).wait();
}

class SpawnTest : public testing::Test {
protected:
    CannotExecute failure_of(const Command& command) {
        auto result = spawn(command);
        if (auto* failure = std::get_if<CannotExecute>(&result)) {
            return *failure;
        }
        (void)std::get<Child>(result).wait();
        return {};
    }

    fs::path make_file(const std::string& name, const std::string& text, mode_t mode) const {
        const fs::path path = dir_.path() / name;
        std::ofstream{path} << text;
        (void)::chmod(path.c_str(), mode);
        return path;
    }

    test::TempDir dir_;
};

TEST_F(SpawnTest, TellsHowTheProgramEnded) {
    EXPECT_EQ(run({.argv = shell("exit 0")}), (ExitStatus{.code = 0, .signal = 0}));
    EXPECT_EQ(run({.argv = shell("exit 7")}), (ExitStatus{.code = 7, .signal = 0}));
    EXPECT_EQ(run({.argv = shell("exit 255")}).shell_code(), 255);
    const ExitStatus killed = run({.argv = shell("kill -KILL $$")});
    EXPECT_EQ(killed, (ExitStatus{.code = 0, .signal = SIGKILL}));
    EXPECT_EQ(killed.shell_code(), 137);
    EXPECT_FALSE(killed.success());
    EXPECT_EQ(describe(killed), "signal 9 (Killed)");
    EXPECT_EQ(describe({.code = 7, .signal = 0}), "exit 7");
}

TEST_F(SpawnTest, TellsNotFoundFromNotExecutable) {
    const fs::path text = make_file("text", "no program", 0644);
    const fs::path garbage = make_file("garbage", "no program", 0755);

    EXPECT_EQ(failure_of({.argv = {"no-such-program-anywhere"}}).shell_code(), 127);
    EXPECT_EQ(failure_of({.argv = {dir_.path() / "missing"}}).shell_code(), 127);
    EXPECT_EQ(failure_of({.argv = {""}}).shell_code(), 127);
    EXPECT_EQ(failure_of({.argv = {text}}).shell_code(), 126);
    EXPECT_EQ(failure_of({.argv = {garbage}}).shell_code(), 126);
    EXPECT_EQ(failure_of({.argv = {dir_.path()}}).shell_code(), 126);
    EXPECT_EQ(failure_of({.argv = {text / "below-a-file"}}).shell_code(), 126);
    EXPECT_EQ(failure_of({.argv = {text}}).reason,
              "execute " + text.native() + ": Permission denied");
}

TEST_F(SpawnTest, DoesNotCallAProgramMissingWhenItsDirectoryIs) {
    const CannotExecute failure =
        failure_of({.argv = shell("true"), .directory = dir_.path() / "missing"});

    EXPECT_EQ(failure.shell_code(), 126);
    EXPECT_EQ(failure.reason,
              "enter " + (dir_.path() / "missing").native() + ": No such file or directory");
}

TEST_F(SpawnTest, LeavesNoZombieOfWhatCouldNotBeExecuted) {
    const ExitStatus status = test::run_in_child([&] {
        (void)failure_of({.argv = {dir_.path() / "missing"}});
        return ::waitpid(-1, nullptr, WNOHANG) == -1 && errno == ECHILD ? 0 : 1;
    });

    EXPECT_EQ(status, ExitStatus{});
}

TEST_F(SpawnTest, StartsInTheGivenDirectoryWithTheGivenEnvironmentOnly) {
    const Output output = run_and_capture(
        {.argv = {"env"},
         .environment = {{"A=1", "PATH=/usr/bin:/bin:/run/current-system/sw/bin", "B=\xff\n"}}});
    const Output directory = run_and_capture({.argv = shell("pwd -P"), .directory = dir_.path()});

    EXPECT_EQ(output.text, "A=1\nPATH=/usr/bin:/bin:/run/current-system/sw/bin\nB=\xff\n\n");
    EXPECT_EQ(directory.text, fs::canonical(dir_.path()).native() + "\n");
}

TEST_F(SpawnTest, SearchesThePathOfTheChild) {
    make_file("ccci-test-program", "#!/bin/sh\nexit 3\n", 0755);

    EXPECT_EQ(
        run({.argv = {"ccci-test-program"}, .environment = {{"PATH=" + dir_.path().native()}}}),
        (ExitStatus{.code = 3, .signal = 0}));
}

TEST_F(SpawnTest, GivesTheChildDefaultSignals) {
    const test::SignalState restore;
    (void)::signal(SIGPIPE, SIG_IGN);
    sigset_t set;
    (void)::sigemptyset(&set);
    (void)::sigaddset(&set, SIGTERM);
    (void)::sigaddset(&set, SIGUSR1);
    (void)::sigprocmask(SIG_BLOCK, &set, nullptr);

    const Output output =
        run_and_capture({.argv = {"grep", "-E", "^Sig(Blk|Ign)", "/proc/self/status"}});

    EXPECT_EQ(output.text, "SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\n");
}

TEST_F(SpawnTest, LeaksNoDescriptorIntoTheChild) {
    const ExitStatus status = test::run_in_child([&] {
        // What this program itself was started with is not what is tested.
        (void)::syscall(SYS_close_range, 3U, ~0U, 0U);
        const UniqueFd file = open_file("/dev/null", O_RDONLY);
        const auto [read_end, write_end] = make_pipe();
        const UniqueFd high = duplicate(file.get(), 100);
        // 3 is the directory that is being listed.
        return run_and_capture({.argv = {"ls", "/proc/self/fd"}}).text == "0\n1\n2\n3\n" ? 0 : 1;
    });

    EXPECT_EQ(status, ExitStatus{});
}

TEST_F(SpawnTest, HandsOverTheNamedDescriptorsWhateverTheirNumbers) {
    const ExitStatus status = test::run_in_child([&] {
        const auto [a_read, a_write] = make_pipe();
        const auto [b_read, b_write] = make_pipe();
        write_all(a_write.get(), "a\n", "pipe");
        write_all(b_write.get(), "b\n", "pipe");
        // Ours are each other's targets.
        const UniqueFd a = duplicate(a_read.get(), 50);
        const UniqueFd b = duplicate(b_read.get(), 50);
        if (::dup2(a.get(), 4) != 4 || ::dup2(b.get(), 3) != 3) {
            return 1;
        }
        const ExitStatus read = run(
            {.argv = shell("read x <&3; read y <&4; test $x$y = ab"), .more = {{4, 3}, {3, 4}}});
        return read.success() ? 0 : 2;
    });

    EXPECT_EQ(status, ExitStatus{});
}

TEST_F(SpawnTest, KeepsADescriptorThatHasItsNumberAlready) {
    const ExitStatus status = test::run_in_child([] {
        const auto [read_end, write_end] = make_pipe();
        const UniqueFd copy = duplicate(read_end.get(), 50);
        write_all(write_end.get(), "a\n", "pipe");
        if (::dup3(copy.get(), 3, O_CLOEXEC) != 3) {
            return 1;
        }
        return run({.argv = shell("read x <&3; test $x = a"), .more = {{3, 3}}}).success() ? 0 : 2;
    });

    EXPECT_EQ(status, ExitStatus{});
}

TEST_F(SpawnTest, RefusesDescriptorsThatDoNotCountUpFromThree) {
    EXPECT_THROW((void)spawn({.argv = shell("true"), .more = {{0, 4}}}), std::logic_error);
}

TEST_F(SpawnTest, ReadsFromNothingUnlessToldOtherwise) {
    EXPECT_EQ(run_and_capture({.argv = {"cat"}}).text, "");
}

TEST_F(SpawnTest, StartsAProgramAlthoughItsOwnStdinIsClosed) {
    const ExitStatus status = test::run_in_child([] {
        test::Pipe pipe;
        // The lowest free number is now the first that is replaced in the child.
        (void)::close(STDIN_FILENO);
        Child child = must_spawn({.argv = shell("echo x"), .out = pipe.write.get()});
        pipe.write.reset();
        return read_all(pipe.read.get(), "pipe") == "x\n" && child.wait().success() ? 0 : 1;
    });

    EXPECT_EQ(status, ExitStatus{});
}

TEST_F(SpawnTest, MakesASessionOrAGroupWhenAsked) {
    const test::Pipe pipe;
    const auto start = [&](bool session, bool group) {
        return must_spawn({.argv = {"cat"},
                           .in = pipe.read.get(),
                           .new_session = session,
                           .new_process_group = group,
                           .death_signal = SIGKILL});
    };
    Child plain = start(false, false);
    Child leader = start(true, false);
    Child group = start(false, true);

    EXPECT_EQ(::getsid(plain.pid()), ::getsid(0));
    EXPECT_EQ(::getpgid(plain.pid()), ::getpgrp());
    EXPECT_EQ(::getsid(leader.pid()), leader.pid());
    EXPECT_EQ(::getpgid(leader.pid()), leader.pid());
    EXPECT_EQ(::getsid(group.pid()), ::getsid(0));
    EXPECT_EQ(::getpgid(group.pid()), group.pid());

    group.kill_group(SIGKILL);
    leader.kill(SIGKILL);
    plain.kill(SIGKILL);
    EXPECT_EQ(group.wait().signal, SIGKILL);
    (void)leader.wait();
    (void)plain.wait();
}

TEST_F(SpawnTest, SendsTheDeathSignalWhenItsParentIsKilled) {
    const test::Pipe pipe;
    test::ForkedChild parent{[&] {
        const Child child = must_spawn({.argv = {"sleep", "60"}, .death_signal = SIGTERM});
        const pid_t pid = child.pid();
        (void)!::write(pipe.write.get(), &pid, sizeof pid);
    }};
    pid_t pid = 0;
    ASSERT_EQ(::read(pipe.read.get(), &pid, sizeof pid), static_cast<ssize_t>(sizeof pid));
    const UniqueFd pidfd{static_cast<int>(::syscall(SYS_pidfd_open, pid, 0))};
    ASSERT_FALSE(test::is_readable(pidfd.get()));

    parent.kill_and_wait();

    EXPECT_TRUE(test::becomes_readable(pidfd.get()));
}

TEST(ChildTest, MayBeSignalledAfterItsEnd) {
    Child child = must_spawn({.argv = shell("exit 0"), .new_process_group = true});
    ASSERT_TRUE(test::becomes_readable(child.pidfd()));

    child.kill(SIGKILL);
    EXPECT_EQ(child.wait(), ExitStatus{});
    child.kill(SIGKILL);
    child.kill_group(SIGKILL);
}

TEST(ForkFunctionTest, ExitsWithWhatTheFunctionReturned) {
    auto nine = [] { return 9; };
    auto throws = []() -> int { throw std::runtime_error{"x"}; };

    EXPECT_EQ(fork_function(nine).wait().code, 9);
    EXPECT_EQ(fork_function(throws).wait().code, 125);
}

TEST(ForkFunctionTest, TheChildDiesWithItsParent) {
    const test::Pipe pipe;
    test::ForkedChild parent{[&] {
        auto forever = [] { return ::pause(); };
        const pid_t pid = fork_function(forever).pid();
        (void)!::write(pipe.write.get(), &pid, sizeof pid);
    }};
    pid_t pid = 0;
    ASSERT_EQ(::read(pipe.read.get(), &pid, sizeof pid), static_cast<ssize_t>(sizeof pid));
    const UniqueFd pidfd{static_cast<int>(::syscall(SYS_pidfd_open, pid, 0))};

    parent.kill_and_wait();

    EXPECT_TRUE(test::becomes_readable(pidfd.get()));
}

TEST(RunAndCaptureTest, KeepsBothStreamsInOrder) {
    const Output output = run_and_capture({.argv = shell("echo a; echo b >&2; echo c; exit 4")});

    EXPECT_EQ(output.text, "a\nb\nc\n");
    EXPECT_EQ(output.status.code, 4);
}

TEST(RunAndCaptureTest, LeavesStderrToWhomItIsGiven) {
    const UniqueFd null = open_file("/dev/null", O_WRONLY);

    EXPECT_EQ(run_and_capture({.argv = shell("echo a; echo b >&2"), .err = null.get()}).text,
              "a\n");
}

TEST(RunAndCaptureTest, DropsWhatIsAboveTheLimitAndLetsTheProgramFinish) {
    const Output output =
        run_and_capture({.argv = shell("head -c 1000000 /dev/zero; exit 5")}, 100'000);

    EXPECT_EQ(output.text.size(), 100'000U);
    EXPECT_EQ(output.status.code, 5);
}

TEST(RunAndCaptureTest, ThrowsWhenThereIsNothingToRun) {
    EXPECT_THROW((void)run_and_capture({.argv = {"/no/such/program"}}), std::runtime_error);
}

TEST(FindProgramTest, GoesThroughThePathInOrder) {
    const test::TempDir dir;
    const auto make = [&](const std::string& name, mode_t mode) {
        fs::create_directories((dir.path() / name).parent_path());
        std::ofstream{dir.path() / name} << "#!/bin/sh\n";
        (void)::chmod((dir.path() / name).c_str(), mode);
    };
    make("a/text", 0644);
    make("b/text", 0755);
    make("b/both", 0755);
    make("c/both", 0755);
    make("c/plain", 0644);
    fs::create_directories(dir.path() / "a/both");
    const std::string path = fmt::format("{0}/missing:{0}/a:{0}/b:{0}/c", dir.path().native());

    EXPECT_EQ(find_program("text", path), dir.path() / "b/text");
    EXPECT_EQ(find_program("both", path), dir.path() / "b/both");
    EXPECT_EQ(find_program("plain", path), dir.path() / "c/plain")
        << "to say what is wrong with it";
    EXPECT_FALSE(find_program("nowhere", path));
    EXPECT_FALSE(find_program("", path));
    EXPECT_EQ(find_program("./x", path), "./x");
}

TEST(FindProgramTest, PassesOverDirectoriesThatWeMayNotEnter) {
    if (::geteuid() != 0) {
        GTEST_SKIP() << "needs root, to be somebody else";
    }
    const test::TempDir dir;
    (void)::chmod(dir.path().c_str(), 0755);
    for (const char* name : {"closed", "open"}) {
        fs::create_directory(dir.path() / name);
        std::ofstream{dir.path() / name / "program"} << "#!/bin/sh\n";
        (void)::chmod((dir.path() / name / "program").c_str(), 0755);
    }
    (void)::chmod((dir.path() / "closed").c_str(), 0700);
    const std::string path = fmt::format("{0}/closed:{0}/open", dir.path().native());

    const ExitStatus status = test::run_in_child([&] {
        if (::setuid(1500) != 0) {
            return 1;
        }
        return find_program("program", path) == dir.path() / "open/program" ? 0 : 2;
    });

    EXPECT_EQ(status, ExitStatus{});
}

TEST(VariablesTest, TheLastOneCounts) {
    const std::vector<std::string> environment{"PATH=a",   "PATHS=b", "PAT=c",
                                               "PATH=d=e", "EMPTY=",  "NOTHING"};

    EXPECT_EQ(find_variable(environment, "PATH"), "d=e");
    EXPECT_EQ(find_variable(environment, "PAT"), "c");
    EXPECT_EQ(find_variable(environment, "EMPTY"), "");
    EXPECT_FALSE(find_variable(environment, "NOTHING"));
    EXPECT_FALSE(find_variable(environment, "MISSING"));
}

TEST(VariablesTest, SettingLeavesOneOfThem) {
    std::vector<std::string> environment{"A=1", "B=2", "A=3", "AB=4"};

    set_variable(environment, "A", "5");
    set_variable(environment, "C", "6");

    EXPECT_EQ(environment, (std::vector<std::string>{"B=2", "AB=4", "A=5", "C=6"}));
}

TEST(OwnProgramTest, IsThisTest) {
    EXPECT_TRUE(fs::equivalent(own_program(), "/proc/self/exe"));
    EXPECT_EQ(find_variable(own_environment(), "PATH"), std::string{::getenv("PATH")});
}

}  // namespace
}  // namespace ccci::base
