#include "bridge/run_search.hpp"

#include <gtest/gtest.h>

#include <fstream>

#include "bridge/moment.hpp"
#include "run/run_dir.hpp"
#include "support/temp_dir.hpp"

namespace ccci::bridge {
namespace {

class RunSearchTest : public testing::Test {
protected:
    void add_run(const std::string& id, const std::string& job, Time created = k_moment) {
        const run::RunDir dir = run::RunDir::create(dir_.path(), id);
        run::Record record;
        record.run = id;
        record.job = job;
        record.created = created;
        record.domain = id;
        dir.write(record);
    }

    static Errand errand() {
        Errand result;
        result.repository = "recipes/immich";
        result.pull_request = 7;
        result.build = 291;
        result.tried = k_moment;
        return result;
    }

    [[nodiscard]] std::string found() const {
        const auto seen = find_run(dir_.path(), errand());
        return seen ? seen->record.run : "none";
    }

    test::TempDir dir_;
};

TEST_F(RunSearchTest, TakesTheRunWithTheBuildsNumber) {
    EXPECT_EQ(found(), "none");
    add_run("291", "recipe immich#7");
    EXPECT_EQ(found(), "291");
}

TEST_F(RunSearchTest, TakesTheQuickLanesToo) {
    add_run("291", "recipe immich#7 quick");
    EXPECT_EQ(found(), "291");
}

TEST_F(RunSearchTest, TakesNoRunOfAnotherBuildOrTime) {
    add_run("291", "recipe immich#70");
    add_run("291", "recipe ghost#7");
    add_run("291", "recipe immich#7", k_moment - std::chrono::hours{1});
    add_run("290", "recipe immich#7");
    EXPECT_EQ(found(), "none");
    add_run("291", "recipe immich#7");
    EXPECT_EQ(found(), "291-4");
}

TEST_F(RunSearchTest, HasTheSummaryWhereThereIsOne) {
    add_run("291", "recipe immich#7");
    EXPECT_FALSE(find_run(dir_.path(), errand())->summary);
    std::ofstream{dir_.path() / "291" / "results.json"} << R"({"version": 1, "lane": "full"})";
    EXPECT_EQ(find_run(dir_.path(), errand())->summary->lane, "full");
    std::filesystem::remove(dir_.path() / "291" / "results.json");
    std::filesystem::create_directory(dir_.path() / "291" / "results.json");
    EXPECT_FALSE(find_run(dir_.path(), errand())->summary);
}

}  // namespace
}  // namespace ccci::bridge
