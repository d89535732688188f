#include "recipe/kept_backup.hpp"

#include <gtest/gtest.h>

#include <fstream>

#include "base/process.hpp"
#include "support/temp_dir.hpp"

namespace ccci::recipe {
namespace {

namespace fs = std::filesystem;

class KeptBackupTest : public testing::Test {
protected:
    std::vector<std::string> remove() const {
        return remove_backup(config_, dir_.path(), base::own_environment(),
                             std::chrono::seconds{20});
    }
    void leave(const std::string& id) const {
        const fs::path archives = make_backup_directory(RunTree{dir_.path()});
        fs::create_directory(archives);
        std::ofstream{archives / "1.tar"} << "data";
        std::ofstream{archives.parent_path() / "restic-snapshot"} << id;
    }

    test::TempDir dir_;
    run::Config config_;
};

TEST_F(KeptBackupTest, IsRemovedWhereverTheJobWasKilled) {
    EXPECT_TRUE(remove().empty());
    for (const char* id : {"", "--help", "\xff\n", "01234567x"}) {
        leave(id);

        EXPECT_TRUE(remove().empty()) << id;
        EXPECT_FALSE(fs::exists(dir_.path() / "backup"));
    }
}

TEST_F(KeptBackupTest, SaysWhatItCouldNotForget) {
    config_.restic_repository = dir_.path() / "no-repository";
    config_.restic_password_file = dir_.path() / "no-password";
    leave("0123abcd\n");

    const std::vector<std::string> left = remove();

    ASSERT_EQ(left.size(), 1U);
    EXPECT_TRUE(left[0].starts_with("restic snapshot 0123abcd: ")) << left[0];
    EXPECT_FALSE(fs::exists(dir_.path() / "backup"));
}

TEST_F(KeptBackupTest, IsForItsOwnerOnly) {
    leave("");

    EXPECT_EQ(fs::status(dir_.path() / "backup").permissions(), fs::perms{0700});
}

}  // namespace
}  // namespace ccci::recipe
