#include "backup/snapshot.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/xattr.h>

#include <fstream>
#include <functional>

#include "backup/backup_error.hpp"
#include "base/files.hpp"
#include "base/process.hpp"
#include "support/forked_child.hpp"
#include "support/temp_dir.hpp"

namespace ccci::backup {
namespace {

namespace fs = std::filesystem;

class SnapshotTest : public testing::Test {
protected:
    void SetUp() override { fs::create_directory(volume_); }

    void write(const fs::path& path, const std::string& text) const {
        fs::create_directories((volume_ / path).parent_path());
        std::ofstream{volume_ / path} << text;
    }
    [[nodiscard]] std::string read(const fs::path& path) const {
        return base::try_read_file(volume_ / path).value_or("missing");
    }
    /// Everything that tar and we can see of the volume.
    [[nodiscard]] std::string listing() const {
        return base::run_and_capture(
                   {.argv =
                        {"sh", "-c",
                         "find . -mindepth 1 -printf '%P %y %m %U:%G %s %n %l %T@\\0' | sort -z "
                         "| tr '\\0\\n' '\\n?'; find . -type f -print0 | sort -z | "
                         "xargs -0 md5sum --zero | tr '\\0' '\\n'"},
                    .directory = volume_})
            .text;
    }
    [[nodiscard]] Part part(const fs::path& path = {}) const { return {"db", "data", path}; }
    static std::string complaint(const std::function<void()>& call) {
        try {
            call();
        } catch (const BackupError& error) {
            return error.what();
        }
        return "no BackupError";
    }

    test::TempDir dir_;
    fs::path volume_ = dir_.path() / "volume";
    Snapshot snapshot_{dir_.path() / "archives", "7"};
};

TEST_F(SnapshotTest, BringsBackAVolumeOfOddFiles) {
    write("plain", "text");
    write("-rf", "dash");
    write("new\nline", "nl");
    write("\xff\xfe latin", "bytes");
    write("--checkpoint-action=exec=sh", "option");
    write("a/b/c/deep", "deep");
    write("./* [x]?", "pattern");
    fs::create_hard_link(volume_ / "plain", volume_ / "a/hard");
    fs::create_symlink("/etc/passwd", volume_ / "outside");
    fs::create_symlink("nowhere", volume_ / "dangling");
    ASSERT_EQ(::mkfifo((volume_ / "fifo").c_str(), 0640), 0);
    fs::create_directory(volume_ / "empty");
    fs::permissions(volume_ / "a/b", fs::perms{0710});
    fs::permissions(volume_ / "plain", fs::perms{04755});
    write("a/hole", "x");
    fs::resize_file(volume_ / "a/hole", 50'000'000);
    const bool attributes = ::setxattr((volume_ / "plain").c_str(), "user.note", "kept", 4, 0) == 0;
    const std::string before = listing();

    snapshot_.add(part(), volume_, true);
    EXPECT_EQ(snapshot_.check(), 17U);
    snapshot_.marked().remove();
    EXPECT_EQ(snapshot_.marked().without_marker(), std::vector<Part>{part()});
    fs::remove_all(volume_ / "a");
    fs::remove(volume_ / "plain");
    fs::remove(volume_ / "empty");
    fs::create_symlink(dir_.path(), volume_ / "empty");  // where a directory was
    write("extra/deep/file", "not in the backup");
    write(".hidden", "not in the backup");
    snapshot_.restore();

    EXPECT_TRUE(snapshot_.marked().without_marker().empty());
    snapshot_.marked().remove();
    EXPECT_EQ(listing(), before);
    struct stat hole {};
    ASSERT_EQ(::stat((volume_ / "a/hole").c_str(), &hole), 0);
    EXPECT_LT(hole.st_blocks * 512, 1'000'000) << "the hole was filled";
    char value[8]{};
    EXPECT_EQ(::getxattr((volume_ / "plain").c_str(), "user.note", value, sizeof value),
              attributes ? 4 : -1);
}

TEST_F(SnapshotTest, IsForItsOwnerOnly) {
    write("secret", "s");

    snapshot_.add(part(), volume_, false);

    const auto mode = [&](const fs::path& path) { return fs::status(path).permissions(); };
    EXPECT_EQ(mode(snapshot_.directory()), fs::perms{0700});
    EXPECT_EQ(mode(snapshot_.directory() / "1.tar"), fs::perms{0600});
}

TEST_F(SnapshotTest, LeavesAloneWhatIsOutsideOfThePaths) {
    write("keep", "before");
    write("dump/db.sql", "dump");
    write("up/one", "1");
    snapshot_.add(part("dump/db.sql"), volume_, true);
    snapshot_.add(part("up"), volume_, true);
    EXPECT_EQ(snapshot_.check(), 3U) << "the dump, one upload and its marker";

    write("keep", "after");
    write("up/two", "2");
    fs::remove_all(volume_ / "dump");
    snapshot_.restore();

    EXPECT_EQ(read("keep"), "after");
    EXPECT_EQ(read("dump/db.sql"), "dump");
    EXPECT_EQ(read("up/one"), "1");
    EXPECT_EQ(read("up/two"), "missing");
    EXPECT_EQ(listing().find("dump/cc-ci-marker"), std::string::npos);
}

TEST_F(SnapshotTest, NeverFollowsALinkOfTheApp) {
    const fs::path outside = dir_.path() / "outside";
    fs::create_directories(outside / "sub");
    std::ofstream{outside / "sub/secret"} << "secret";
    fs::create_directory_symlink(outside, volume_ / "link");
    const auto refuses = [&](const fs::path& path) {
        const std::string text = complaint([&] { snapshot_.add(part(path), volume_, true); });
        return text.find("the path leads over a symbolic link") != std::string::npos;
    };

    EXPECT_TRUE(refuses("link"));
    EXPECT_TRUE(refuses("link/sub"));
    EXPECT_TRUE(refuses("link/sub/secret"));
    EXPECT_EQ(snapshot_.check(), 0U);

    fs::remove(volume_ / "link");
    write("link/sub/mine", "mine");
    write("link/mine", "mine");
    snapshot_.add(part("link/sub"), volume_, true);
    snapshot_.add(part("link/mine"), volume_, false);
    fs::remove_all(volume_ / "link");
    fs::create_directory_symlink(outside, volume_ / "link");
    const std::string text = complaint([&] { snapshot_.restore(); });

    EXPECT_NE(text.find("the path leads over a symbolic link"), std::string::npos) << text;
    EXPECT_EQ(base::try_read_file(outside / "sub/secret"), "secret");
    EXPECT_FALSE(fs::exists(outside / "sub/mine"));
}

TEST_F(SnapshotTest, SaysWhatIsNotThere) {
    EXPECT_EQ(complaint([&] { snapshot_.add(part("dump.sql"), volume_, true); }),
              "dump.sql in volume data of db: there is no such file or directory when the backup "
              "is made, after backupbot.backup.pre-hook");
    ASSERT_EQ(::mkfifo((volume_ / "fifo").c_str(), 0600), 0);
    EXPECT_EQ(complaint([&] { snapshot_.add(part("fifo"), volume_, true); }),
              "fifo in volume data of db: neither a file nor a directory");
}

TEST_F(SnapshotTest, OfNothingIsNone) {
    fs::create_directory(volume_ / "dump");
    snapshot_.add(part("dump"), volume_, false);

    EXPECT_EQ(complaint([&] { (void)snapshot_.check(); }),
              "dump in volume data of db: the backup holds nothing of it");
}

TEST_F(SnapshotTest, SeesADamagedArchive) {
    write("data", std::string(100'000, 'x'));
    snapshot_.add(part(), volume_, true);
    fs::resize_file(snapshot_.directory() / "1.tar", 50'000);

    EXPECT_THROW((void)snapshot_.check(), std::runtime_error);
}

TEST_F(SnapshotTest, TakesAnAppThatKeepsWriting) {
    write("log", std::string(20'000'000, 'x'));
    const test::BackgroundChild app{[&]() -> int {
        std::ofstream log{volume_ / "log", std::ios::app};
        while (log << "line" << std::endl) {
        }
        return 1;
    }};

    snapshot_.add(part(), volume_, true);

    EXPECT_EQ(snapshot_.check(), 2U);
}

}  // namespace
}  // namespace ccci::backup
