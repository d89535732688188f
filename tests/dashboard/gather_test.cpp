#include "dashboard/gather.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <chrono>
#include <fstream>

#include "dashboard/public_file.hpp"
#include "dashboard/runs_page.hpp"
#include "support/temp_dir.hpp"

namespace ccci::dashboard {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

class GatherTest : public testing::Test {
protected:
    run::RunDir add(const std::string& id, int minute, const std::string& job = "recipe immich#2",
                    run::VerdictKind kind = run::VerdictKind::passed) const {
        run::Record record;
        record.run = id;
        record.domain = "immi-ad3e33.ci.example.net";
        record.manager = "none";
        record.job = job;
        record.note = "level 5 of 5, deploys 1";
        record.state = run::State::ended;
        record.created = run::Time{} + 24h + std::chrono::minutes{minute};
        record.ended = record.created;
        record.verdict = run::Verdict{kind, kind == run::VerdictKind::passed ? 0 : 7, ""};
        auto dir = run::RunDir::create(config_.runs_dir, id);
        dir.write(record);
        return dir;
    }

    void add_live(const std::string& id, const std::string& job) const {
        auto dir = add(id, 5, job);
        run::Record record = *dir.read();
        record.state = run::State::running;
        record.verdict = std::nullopt;
        record.step = record.harness = run::ProcessId::own();
        dir.write(record);
    }

    static std::string ids(const std::vector<inspect::ListedRun>& runs) {
        std::string text;
        for (const auto& run : runs) {
            text += (text.empty() ? "" : " ") + run.record.run;
        }
        return text;
    }

    test::TempDir temp_;
    run::Config config_ = [this] {
        run::Config config;
        config.runs_dir = temp_.path() / "runs";
        return config;
    }();
};

TEST_F(GatherTest, FiltersWhatIsOverAndNotWhatGoesOn) {
    add("1", 1);
    add("2", 2, "recipe other", run::VerdictKind::failed);
    add_live("3", "recipe immich#3");
    add_live("4", "recipe other");

    EXPECT_EQ(ids(gather_runs(config_, {}).past), "2 1");
    const RunsView failed = gather_runs(config_, {.state = "failed"});
    EXPECT_EQ(ids(failed.past), "2");
    EXPECT_EQ(failed.live.size(), 2U);
    const RunsView of_recipe = gather_recipe(config_, {.recipe = "immich"});
    EXPECT_EQ(ids(of_recipe.past), "1");
    EXPECT_EQ(ids(of_recipe.live), "3");
}

TEST_F(GatherTest, HasAThousandRunsPageByPageAtOnce) {
    for (int i = 0; i < 1000; ++i) {
        const auto dir = add(std::to_string(i), i);
        // Nobody is to read these for a list.
        ASSERT_EQ(::mkfifo((dir.path() / "results.json").c_str(), 0644), 0);
    }
    const auto began = std::chrono::steady_clock::now();
    const RunsView first = gather_runs(config_, {});
    const std::string page = runs_page(first).markup();
    const auto took = std::chrono::steady_clock::now() - began;

    EXPECT_EQ(first.past.size(), k_runs_on_a_page);
    EXPECT_EQ(first.past.front().record.run, "999");
    EXPECT_TRUE(first.has_older);
    EXPECT_LT(took, 1s);
    const RunsView last = gather_runs(config_, {.page = 20});
    EXPECT_EQ(last.past.size(), 50U);
    EXPECT_EQ(last.past.back().record.run, "0");
    EXPECT_FALSE(last.has_older);
    EXPECT_TRUE(gather_runs(config_, {.page = 21}).past.empty());
}

TEST_F(GatherTest, BadgeIsOfTheLastFullRun) {
    EXPECT_EQ(gather_badge(config_, "immich"), std::nullopt);
    add("1", 1);
    add("2", 2, "recipe immich#2 quick");
    add("3", 3, "recipe immich#2", run::VerdictKind::cancelled);
    add("4", 4, "recipe other");

    EXPECT_EQ(gather_badge(config_, "immich")->run, "1");
}

TEST_F(GatherTest, RunHasItsResultsOrNone) {
    const auto dir = add("1", 1);
    std::ofstream{dir.path() / "results.json"}
        << R"({"verdict": "passed", "level": null, "tiers": [], "lane": "full"})";
    const auto run = find(config_, "1");
    ASSERT_TRUE(run);

    RunView view = gather_run(config_, *run);
    EXPECT_TRUE(view.files.results);
    EXPECT_FALSE(view.files.junit);
    ASSERT_TRUE(view.report.recipe);
    EXPECT_EQ(view.report.recipe->lane, "full");

    for (const char* damaged : {"", "{", "[]", "{\"verdict\": 1}", "\xff"}) {
        std::ofstream{dir.path() / "results.json"} << damaged;
        EXPECT_FALSE(gather_run(config_, *run).report.recipe) << damaged;
    }
    EXPECT_FALSE(find(config_, "2"));
}

TEST_F(GatherTest, FileIsAPlainOneOfTheRunsOwnThatEverybodyMayRead) {
    const auto dir = add("1", 1);
    const fs::path file = dir.path() / "junit.xml";
    const auto text = [&] { return read_public_file(dir, "junit.xml", 100).value_or("none"); };
    EXPECT_EQ(text(), "none");
    std::ofstream{file} << "<testsuites/>";
    EXPECT_EQ(text(), "<testsuites/>");

    std::ofstream{file} << std::string(101, 'x');
    EXPECT_EQ(text(), "none") << "too large";
    std::ofstream{file} << "secret";
    ASSERT_EQ(::chmod(file.c_str(), 0640), 0);
    EXPECT_EQ(text(), "none") << "not for everybody, though we are root";
    fs::remove(file);
    fs::create_symlink("/etc/passwd", file);
    EXPECT_EQ(text(), "none") << "a link";
    fs::remove(file);
    ASSERT_EQ(::mkfifo(file.c_str(), 0644), 0);
    EXPECT_EQ(text(), "none") << "a FIFO";
    fs::remove(file);
    fs::create_directory(file);
    EXPECT_EQ(text(), "none") << "a directory";
    fs::remove(file);
    std::ofstream{file} << "another's";
    if (::geteuid() == 0) {
        ASSERT_EQ(::chown(file.c_str(), 4321, 4321), 0);
        EXPECT_EQ(text(), "none") << "another user's, as by a hard link";
    }
}

}  // namespace
}  // namespace ccci::dashboard
