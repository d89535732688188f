#include "recipe/warm_state.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <stdexcept>

#include "base/files.hpp"
#include "support/temp_dir.hpp"

namespace ccci::recipe {
namespace {

namespace fs = std::filesystem;

class WarmStateTest : public testing::Test {
protected:
    WarmRecord record_of(const std::string& run_id) {
        return {.recipe = "immich",
                .domain = "warm-immich.ci.example.net",
                .commit = "a174a86",
                .release = {},
                .run_id = run_id,
                .promoted = {},
                .belongings = {}};
    }
    void promote(const std::string& run_id) {
        state_.touch();
        state_.make_current(state_.make_candidate(run_id), record_of(run_id));
    }
    [[nodiscard]] std::size_t count_names() const {
        const fs::directory_iterator names{directory_};
        return static_cast<std::size_t>(std::distance(begin(names), end(names)));
    }

    test::TempDir dir_;
    fs::path directory_ = dir_.path() / "state" / "warm" / "immich";
    WarmState state_{directory_};
};

TEST_F(WarmStateTest, IsNothingUntilSomethingIsPromoted) {
    EXPECT_FALSE(state_.current());
    EXPECT_FALSE(state_.is_touched());

    state_.touch();

    EXPECT_FALSE(state_.current());
    EXPECT_TRUE(state_.is_touched());
    struct stat info {};
    ASSERT_EQ(::stat(directory_.c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777, 0700U);
}

TEST_F(WarmStateTest, SwitchesToANewStateAndStaysTouched) {
    promote("1");
    EXPECT_EQ(state_.current()->run_id, "1");

    const fs::path candidate = state_.make_candidate("2");
    EXPECT_EQ(state_.current()->run_id, "1");

    state_.make_current(candidate, record_of("2"));
    EXPECT_EQ(state_.current()->run_id, "2");
    EXPECT_TRUE(state_.is_touched());
    state_.untouch();
    EXPECT_FALSE(state_.is_touched());
    EXPECT_EQ(count_names(), 2U) << "the state and the link to it";
}

TEST_F(WarmStateTest, NeverMakesACandidateOfTheCurrentState) {
    promote("1");
    promote("1");

    EXPECT_EQ(state_.current()->run_id, "1");
    state_.untouch();
    EXPECT_EQ(count_names(), 2U);
}

TEST_F(WarmStateTest, ForgetsWhatAPromotionLeftUnfinished) {
    promote("1");
    base::write_file_atomically(state_.make_candidate("2") / "volume-1.tar", "half", 0600);

    state_.untouch();

    EXPECT_EQ(state_.current()->run_id, "1");
    EXPECT_EQ(count_names(), 2U);
}

TEST_F(WarmStateTest, RefusesALinkToElsewhereAndARecordThatIsNone) {
    promote("1");
    base::write_file_atomically(state_.current_directory() / "record.json", "{}", 0600);
    EXPECT_THROW((void)state_.current(), std::runtime_error);

    fs::remove(directory_ / "current");
    fs::create_symlink("../../canonical-1", directory_ / "current");
    EXPECT_THROW((void)state_.current(), std::runtime_error);
}

TEST_F(WarmStateTest, RefusesADirectoryThatOthersCanWriteTo) {
    fs::create_directories(directory_);
    ASSERT_EQ(::chmod(dir_.path().c_str(), 0700), 0);
    ASSERT_EQ(::chmod(directory_.parent_path().c_str(), 0777), 0);

    EXPECT_THROW(state_.touch(), std::runtime_error);
}

TEST_F(WarmStateTest, IsGoneWhenItIsAbandonedAndRemoved) {
    promote("1");

    state_.abandon();
    EXPECT_FALSE(state_.current());
    state_.remove();
    EXPECT_FALSE(fs::exists(directory_));
}

}  // namespace
}  // namespace ccci::recipe
