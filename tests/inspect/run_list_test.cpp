#include "inspect/run_list.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <fstream>
#include <system_error>

#include "inspect/glance.hpp"
#include "support/other_user.hpp"
#include "support/temp_dir.hpp"

namespace ccci::inspect {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

class RunListTest : public testing::Test {
protected:
    /// `minute`: when it came.
    run::Record example(const std::string& id, int minute) const {
        run::Record record;
        record.run = id;
        record.domain = "demo-0a1b2c.ci.localhost";
        record.manager = "none";
        record.job = "true";
        record.created = run::Time{} + 24h + std::chrono::minutes{minute};
        return record;
    }

    run::Record ended(const std::string& id, int minute) const {
        run::Record record = example(id, minute);
        record.state = run::State::ended;
        record.ended = *record.created + 10s;
        record.verdict = run::Verdict{run::VerdictKind::passed, 0, ""};
        return record;
    }

    run::Record alive(const std::string& id, int minute, run::State state) const {
        run::Record record = example(id, minute);
        record.state = state;
        record.started = record.created;
        record.deadline = 1h;
        record.phase = "install";
        record.step = record.harness = run::ProcessId::own();
        return record;
    }

    void write(const run::Record& record) const {
        run::RunDir::create(runs_, record.run).write(record);
    }

    std::string ids(const Wanted& wanted = {.most_over = 10}) const {
        std::string text;
        for (const ListedRun& run : list_runs(runs_, wanted).runs) {
            text += (text.empty() ? "" : " ") + run.record.run;
        }
        return text;
    }

    test::TempDir temp_;
    fs::path runs_ = temp_.path() / "runs";
};

TEST_F(RunListTest, HasThoseThatWaitFirstAndThoseThatAreOverLast) {
    write(ended("1", 1));
    write(alive("2", 2, run::State::tearing_down));
    write(alive("3", 3, run::State::running));
    write(alive("4", 4, run::State::waiting));
    write(alive("5", 5, run::State::running));
    write(ended("6", 6));

    EXPECT_EQ(ids(), "4 5 3 2 6 1");
}

TEST_F(RunListTest, IsEmptyWhereNoRunEverWas) {
    EXPECT_EQ(ids(), "");
}

TEST_F(RunListTest, SaysThatItMayNotLook) {
    ASSERT_TRUE(fs::create_directory(runs_));
    if (::geteuid() != 0) {
        GTEST_SKIP() << "not root";
    }
    ASSERT_EQ(::chmod(temp_.path().c_str(), 0755), 0);
    ASSERT_EQ(::chmod(runs_.c_str(), 0700), 0);

    EXPECT_TRUE(test::as_other_user([&] {
        try {
            (void)list_runs(runs_, {});
        } catch (const std::system_error& error) {
            return error.what() == "read runs directory " + runs_.native() + ": Permission denied"
                       ? 0
                       : 1;
        }
        return 2;
    }));
}

TEST_F(RunListTest, LeavesOutWhatIsDamaged) {
    write(ended("1", 1));
    write(ended("2", 2));
    write(ended("3", 3));
    std::ofstream{runs_ / "1" / "run.json"} << "{";
    run::Record strange = ended("other", 2);
    run::RunDir::open(runs_ / "2").write(strange);
    fs::create_directory(runs_ / "just-made");
    std::ofstream{runs_ / "a-file"} << "";

    EXPECT_EQ(ids({.most_over = 1}), "3");
    EXPECT_EQ(ids(), "3");
    EXPECT_EQ(list_runs(runs_, {}).without_record, (std::vector<fs::path>{runs_ / "just-made"}));
}

TEST_F(RunListTest, TellsALostRunFromALiveOne) {
    run::Record lost = alive("1", 1, run::State::running);
    lost.step = lost.harness = run::ProcessId{.pid = 1, .start_ticks = 1, .boot = "other"};
    write(lost);
    write(alive("2", 2, run::State::running));

    const RunList list = list_runs(runs_, {});
    ASSERT_EQ(list.runs.size(), 2U);
    EXPECT_EQ(shown_state(list.runs.at(0).record, list.runs.at(0).carried), "running");
    EXPECT_EQ(shown_state(list.runs.at(1).record, list.runs.at(1).carried), "lost");
    EXPECT_EQ(list.unended.size(), 2U);
}

TEST_F(RunListTest, ChoosesByDomainAndState) {
    write(ended("1", 1));
    run::Record other = ended("2", 2);
    other.domain = "other-0a1b2c.ci.localhost";
    other.verdict = run::Verdict{run::VerdictKind::failed, 3, ""};
    write(other);
    write(alive("3", 3, run::State::running));

    EXPECT_EQ(ids({.domain = "other-0a1b2c.ci.localhost"}), "2");
    EXPECT_EQ(ids({.state = "passed"}), "1");
    EXPECT_EQ(ids({.state = "running"}), "3");
    EXPECT_EQ(list_runs(runs_, {.state = "lost"}).unended.size(), 1U)
        << "what is not wanted now may be later";
}

TEST_F(RunListTest, HasAnotherUsersRunsForWhoOnlyShowsThem) {
    write(ended("1", 1));
    if (::geteuid() != 0) {
        GTEST_SKIP() << "not root";
    }
    ASSERT_EQ(::chmod(temp_.path().c_str(), 0755), 0);
    ASSERT_EQ(::chown((runs_ / "1").c_str(), 4321, 4321), 0);

    EXPECT_TRUE(test::as_other_user([&] {
        const bool hidden =
            list_runs(runs_, {}).runs.empty() && !look_at(run::RunDir::open(runs_ / "1"));
        const auto shown = list_runs(runs_, {.whose = Whose::anybodys}).runs;
        return hidden && shown.size() == 1 && shown.front().owner == 4321 &&
                       look_at(run::RunDir::open(runs_ / "1"), Whose::anybodys)
                   ? 0
                   : 1;
    }));
}

TEST_F(RunListTest, ChoosesByWhateverElse) {
    write(ended("1", 1));
    write(ended("2", 2));
    write(ended("3", 3));
    const Wanted odd{.most_over = 1,
                     .matching = [](const run::Record& record) { return record.run != "3"; }};

    EXPECT_EQ(ids(odd), "2");
}

TEST_F(RunListTest, FindsTheNewestOfAThousand) {
    for (int i = 0; i < 1000; ++i) {
        write(ended(std::to_string(i), (i * 7919) % 1000));
    }
    write(alive("live", 500, run::State::running));

    const RunList list = list_runs(runs_, {.most_over = 3});
    ASSERT_EQ(list.runs.size(), 4U);
    EXPECT_EQ(list.runs.at(0).record.run, "live");
    for (int i = 0; i < 3; ++i) {
        EXPECT_EQ(list.runs.at(static_cast<std::size_t>(i) + 1).record.created,
                  example("", 999 - i).created);
    }
}

TEST(GlanceTest, KnowsWhatARecordSaysWithoutParsingIt) {
    const auto glance = glance_at(
        "{\n  \"created\": \"2026-03-01T09:22:30.125Z\",\n"
        "  \"note\": \"\\\"state\\\": \\\"ended\\\"\",\n"
        "  \"state\": \"running\"\n}\n");
    ASSERT_TRUE(glance);
    EXPECT_FALSE(glance->ended);
    EXPECT_EQ(glance->created, "2026-03-01T09:22:30.125Z");

    EXPECT_FALSE(glance_at(R"({"created": "2026-03-01T09:22:30.125Z", "state": "ended"})"));
    EXPECT_FALSE(
        glance_at("{\n  \"created\": \"2026-03-01T09:22:30Z\",\n  \"state\": \"ended\"\n}"))
        << "such a time does not compare as text";
    EXPECT_FALSE(glance_at("{\n  \"state\": \"ended"));
    EXPECT_FALSE(glance_at(""));
}

}  // namespace
}  // namespace ccci::inspect
