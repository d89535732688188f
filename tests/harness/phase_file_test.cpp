#include "harness/phase_file.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "base/files.hpp"
#include "support/temp_dir.hpp"

namespace ccci::harness {
namespace {

namespace fs = std::filesystem;
using Words = std::vector<std::string>;

TEST(NewWordsTest, AreWordsAndNothingElse) {
    const std::vector<std::pair<std::string, Words>> table{
        {"", {}},
        {"install\n", {"install"}},
        {"install", {"install"}},
        {"a\nb-2\n\nc", {"a", "b-2", "c"}},
        {"Install\nin stall\n install\ninstall \n", {}},
        {"caf\xc3\xa9\n\x1b[2J\ninst\\all\nA=b\n", {}},
        {std::string(32, 'x') + "\n" + std::string(33, 'y'), {std::string(32, 'x')}},
        {std::string("a\0b", 3), {}},
        {"a\r\n", {}},
    };
    for (const auto& [content, words] : table) {
        std::string seen;
        EXPECT_EQ(new_words(content, seen), words) << content;
    }
}

TEST(NewWordsTest, AreThoseThatWereNotThereBefore) {
    std::string seen;
    EXPECT_EQ(new_words("a\n", seen), Words{"a"});
    EXPECT_EQ(new_words("a\n", seen), Words{});
    EXPECT_EQ(new_words("a\nb\nc\n", seen), (Words{"b", "c"}));
    EXPECT_EQ(new_words("d\n", seen), Words{"d"});
    EXPECT_EQ(new_words("", seen), Words{});
    EXPECT_EQ(new_words("d", seen), Words{"d"});
    // No word that goes on, but another one.
    EXPECT_EQ(new_words("de", seen), Words{"de"});
}

class PhaseFileTest : public testing::Test {
protected:
    PhaseFileTest() { std::ofstream{path_} << ""; }

    [[nodiscard]] bool is_readable(const PhaseFile& file) const {
        pollfd waiting{.fd = file.fd(), .events = POLLIN, .revents = 0};
        return ::poll(&waiting, 1, 0) > 0;
    }

    void write(const std::string& text, bool append = false) const {
        std::ofstream{path_, append ? std::ios::app : std::ios::trunc} << text;
    }

    test::TempDir dir_;
    fs::path path_ = dir_.path() / "phase";
};

TEST_F(PhaseFileTest, TellsEachWordOnce) {
    PhaseFile file{path_};
    EXPECT_FALSE(is_readable(file));

    write("install\n");
    EXPECT_TRUE(is_readable(file));
    EXPECT_EQ(file.take(), Words{"install"});
    EXPECT_FALSE(is_readable(file));
    EXPECT_EQ(file.take(), Words{});

    write("upgrade\n", true);
    write("backup\n", true);
    EXPECT_EQ(file.take(), (Words{"upgrade", "backup"}));

    base::write_file_atomically(path_, "restore\n", 0644);
    EXPECT_EQ(file.take(), Words{"restore"});

    write("late\n");
    file.stop();
    EXPECT_EQ(file.take(), Words{});
}

TEST_F(PhaseFileTest, HearsNothingOfOtherFiles) {
    PhaseFile file{path_};

    std::ofstream{dir_.path() / "phase2"} << "a\n";
    std::ofstream{dir_.path() / "phas"} << "a\n";

    EXPECT_EQ(file.take(), Words{});
}

TEST_F(PhaseFileTest, IsNeitherHungNorMisled) {
    const fs::path other = dir_.path() / "other";
    std::ofstream{other} << "install\n";
    const auto begin = std::chrono::steady_clock::now();
    for (const char* make :
         {"mkfifo $P.x", "mkdir $P.x", "ln -s other $P.x", "ln -s /dev/zero $P.x",
          "ln -s phase $P.x", "truncate -s 1T $P.x", "printf 'x%.0s' $(seq 33) >$P.x"}) {
        PhaseFile file{path_};
        const std::string command =
            "P=" + path_.native() + "; rm -rf $P; " + make + "; exec mv -T $P.x $P";

        ASSERT_EQ(::system(command.c_str()), 0) << command;

        EXPECT_TRUE(is_readable(file)) << make;
        EXPECT_EQ(file.take(), Words{}) << make;
        EXPECT_FALSE(is_readable(file)) << make;
    }
    EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds{10});
}

TEST_F(PhaseFileTest, OutlivesMoreEventsThanTheKernelKeeps) {
    PhaseFile file{path_};
    for (int n = 0; n < 20'000; ++n) {
        // Not equal to the last one in the queue, or the kernel would make one of them.
        std::ofstream{dir_.path() / (n % 2 == 0 ? "a" : "b")} << "";
    }
    write("install\n");

    Words words;
    for (int round = 0; round < 1000 && is_readable(file); ++round) {
        for (std::string& word : file.take()) {
            words.push_back(std::move(word));
        }
    }

    EXPECT_EQ(words, Words{"install"});
}

TEST_F(PhaseFileTest, IsDeafWhereThereIsNoDirectory) {
    PhaseFile file{dir_.path() / "none" / "phase"};

    EXPECT_LT(file.fd(), 0);
    EXPECT_EQ(file.take(), Words{});
}

}  // namespace
}  // namespace ccci::harness
