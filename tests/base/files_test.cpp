#include "base/files.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <functional>
#include <random>
#include <system_error>

#include "support/forked_child.hpp"
#include "support/spawned_program.hpp"
#include "support/temp_dir.hpp"

namespace ccci::base {
namespace {

namespace fs = std::filesystem;

class FilesTest : public testing::Test {
protected:
    test::TempDir dir_;
    fs::path path_ = dir_.path() / "file";

    void make_file(const std::string& text) const { std::ofstream{path_} << text; }

    static bool is_asleep(pid_t pid) {
        return try_read_file("/proc/" + std::to_string(pid) + "/stat")->find(") S ") !=
               std::string::npos;
    }

    /// What the directory holds, as names.
    std::vector<std::string> names() const {
        std::vector<std::string> result;
        for (const auto& entry : fs::directory_iterator{dir_.path()}) {
            result.push_back(entry.path().filename());
        }
        return result;
    }
};

// Case 3.
TEST_F(FilesTest, OpenDoesNotLeakIntoAnExecutedProgram) {
    const UniqueFd fd = open_file(path_, O_RDWR | O_CREAT, 0600);

    const test::SpawnedProgram program{{"sleep", "60"}};

    EXPECT_FALSE(program.has_open(path_));
}

// Case 3.
TEST_F(FilesTest, PipesAndCopiesAreCloseOnExec) {
    const auto [read_end, write_end] = make_pipe();
    const UniqueFd copy = duplicate(read_end.get(), 50);

    for (const int fd : {read_end.get(), write_end.get(), copy.get()}) {
        EXPECT_EQ(::fcntl(fd, F_GETFD), FD_CLOEXEC);
    }
    EXPECT_GE(copy.get(), 50);
}

TEST_F(FilesTest, OpenSaysWhatItWasAboutAndWhy) {
    try {
        (void)open_file(path_, O_RDONLY);
        FAIL();
    } catch (const std::system_error& error) {
        EXPECT_EQ(error.code(), std::errc::no_such_file_or_directory);
        EXPECT_EQ(error.what(), "open " + path_.native() + ": No such file or directory");
    }
}

TEST_F(FilesTest, OpenIsNotDisturbedBySignals) {
    ASSERT_EQ(::mkfifo(path_.c_str(), 0600), 0);
    static int handled;
    const auto [handled_read, handled_write] = make_pipe();
    handled = handled_write.get();
    test::BackgroundChild reader{[&] {
        struct sigaction action {};
        action.sa_handler = [](int) { (void)!::write(handled, "x", 1); };
        (void)::sigaction(SIGUSR1, &action, nullptr);  // without SA_RESTART
        (void)!::write(handled, "x", 1);
        const UniqueFd fd = open_file(path_, O_RDONLY);
        return read_all(fd.get(), "fifo") == "text" ? 0 : 1;
    }};

    char byte = 0;
    for (int n = 0; n < 5; ++n) {
        ASSERT_EQ(::read(handled_read.get(), &byte, 1), 1);
        // The only place where it sleeps is the open.
        ASSERT_TRUE(test::eventually([&] { return is_asleep(reader.pid()); }));
        reader.signal(SIGUSR1);
    }
    write_all(open_file(path_, O_WRONLY).get(), "text", "fifo");

    EXPECT_EQ(reader.wait(), ExitStatus{});
}

TEST_F(FilesTest, TryOpenTakesOnlyAbsenceForAnOutcome) {
    make_file("x");

    EXPECT_FALSE(try_open_file(dir_.path() / "missing", O_RDONLY));
    EXPECT_FALSE(try_open_file(path_ / "below-a-file", O_RDONLY));
    EXPECT_TRUE(try_open_file(path_, O_RDONLY));
    EXPECT_THROW((void)try_open_file(dir_.path(), O_WRONLY), std::system_error);
    EXPECT_THROW((void)try_open_file(path_, O_WRONLY | O_CREAT | O_EXCL, 0600), std::system_error);
}

TEST_F(FilesTest, ReadsWholeFilesUpToTheLimit) {
    const std::string text(100'000, 'x');
    make_file(text);

    EXPECT_EQ(try_read_file(path_), text);
    EXPECT_EQ(try_read_file(path_, text.size()), text);
    EXPECT_FALSE(try_read_file(dir_.path() / "missing"));
    try {
        (void)try_read_file(path_, text.size() - 1);
        FAIL();
    } catch (const std::system_error& error) {
        EXPECT_EQ(error.code(), std::errc::file_too_large);
    }
    EXPECT_THROW((void)try_read_file(dir_.path()), std::system_error);
}

TEST_F(FilesTest, ReadingAWholeFileNeverWaits) {
    ASSERT_EQ(::mkfifo(path_.c_str(), 0600), 0);

    EXPECT_THROW((void)try_read_file(path_), std::system_error);
    EXPECT_THROW((void)try_read_file("/dev/zero"), std::system_error);
}

TEST_F(FilesTest, AtomicWriteTakesNothingThatIsAtItsTemporaryName) {
    const fs::path victim = dir_.path() / "victim";
    const fs::path temporary = dir_.path() / (".file." + std::to_string(::getpid()));
    std::ofstream{victim} << "precious";
    const std::vector<std::function<void()>> plants{
        [&] { fs::create_symlink(victim, temporary); },
        [&] { fs::create_hard_link(victim, temporary); },
        [&] { ASSERT_EQ(::mkfifo(temporary.c_str(), 0600), 0); },
    };
    for (const auto& plant : plants) {
        plant();

        write_file_atomically(path_, "text", 0644);

        EXPECT_EQ(try_read_file(path_), "text");
        EXPECT_TRUE(fs::is_regular_file(fs::symlink_status(path_)));
        EXPECT_EQ(try_read_file(victim), "precious");
    }
}

TEST_F(FilesTest, DurableWriteReplacesTheTextAndSetsTheMode) {
    make_file("a longer text than the new one");

    write_file_durably(path_, "new", 0600);

    struct stat info {};
    ASSERT_EQ(::stat(path_.c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 07777, 0600U);
    EXPECT_EQ(try_read_file(path_), "new");
    EXPECT_EQ(names(), std::vector<std::string>{"file"});
    EXPECT_THROW(write_file_durably(dir_.path() / "no" / "file", "new", 0600), std::system_error);
}

TEST_F(FilesTest, AtomicWriteReplacesTheTextAndSetsTheMode) {
    const mode_t old_mask = ::umask(0077);
    make_file("a longer text than the new one");

    write_file_atomically(path_, "new", 0644);

    (void)::umask(old_mask);
    struct stat info {};
    ASSERT_EQ(::stat(path_.c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 07777, 0644U);
    EXPECT_EQ(try_read_file(path_), "new");
    EXPECT_EQ(names(), std::vector<std::string>{"file"});
}

TEST_F(FilesTest, AtomicWriteLeavesNothingBehindWhenItFails) {
    ASSERT_TRUE(fs::create_directory(path_));

    EXPECT_THROW(write_file_atomically(path_, "text", 0644), std::system_error);

    EXPECT_EQ(names(), std::vector<std::string>{"file"});
}

TEST_F(FilesTest, AtomicWriteShowsTheOldTextOrTheNewOneWheneverTheWriterIsKilled) {
    const std::string a(200'000, 'a');
    const std::string b(300'000, 'b');
    write_file_atomically(path_, a, 0600);
    std::minstd_rand random{1};
    for (int round = 0; round < 30; ++round) {
        const auto [progress_read, progress_write] = make_pipe();
        test::BackgroundChild writer{[&, out = progress_write.get()]() -> int {
            for (;;) {
                write_file_atomically(path_, a, 0600);
                write_all(out, "x", "progress");
                write_file_atomically(path_, b, 0600);
                write_all(out, "x", "progress");
            }
        }};
        char byte = 0;
        for (auto writes = random() % 5; writes > 0; --writes) {
            ASSERT_EQ(::read(progress_read.get(), &byte, 1), 1);
        }
        const std::optional<std::string> during = try_read_file(path_);
        EXPECT_TRUE(during == a || during == b);

        writer.signal(SIGKILL);
        (void)writer.wait();

        const std::optional<std::string> after = try_read_file(path_);
        EXPECT_TRUE(after == a || after == b);
    }
}

}  // namespace
}  // namespace ccci::base
