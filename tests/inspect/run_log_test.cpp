#include "inspect/run_log.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

#include "base/text.hpp"
#include "support/other_user.hpp"
#include "support/temp_dir.hpp"

namespace ccci::inspect {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

/// A run that no service carries: what it says is in a file.
class RunLogTest : public testing::Test {
protected:
    RunLogTest() {
        run_.record.run = run_.dir.id();
        run_.record.manager = "none";
    }

    void say(const std::string& text) const {
        std::ofstream{run_.dir.output_log(), std::ios::app} << text;
    }

    test::TempDir temp_;
    FoundRun run_{run::RunDir::create(temp_.path() / "runs", "1"), {}, ::geteuid()};
};

TEST_F(RunLogTest, HasTheLastLinesAndWhatComesAfterThem) {
    say("one\ntwo\nthree\nfo");
    RunLog log{run_};

    EXPECT_EQ(base::join(log.last(2), "|"), "two|three");
    EXPECT_TRUE(log.more(10).empty());
    say("ur\nfive\n");
    EXPECT_EQ(base::join(log.more(10), "|"), "four|five");
    EXPECT_EQ(log.why_hidden(), "");
}

TEST_F(RunLogTest, BeginsWithAWholeLineOfALongFile) {
    std::string text;
    for (int i = 0; i < 40'000; ++i) {
        text += "line " + std::to_string(i) + "\n";
    }
    say(text);
    RunLog log{run_};

    const auto lines = log.last(100'000);
    ASSERT_FALSE(lines.empty());
    EXPECT_EQ(lines.back(), "line 39999");
    EXPECT_EQ(lines.front(), "line " + std::to_string(40'000 - lines.size()));
}

TEST_F(RunLogTest, IsNotFilledByALineWithoutAnEnd) {
    say(std::string(1'000'000, 'x') + "\nnext\n");
    RunLog log{run_};
    EXPECT_EQ(base::join(log.last(1), ""), "next");
    say(std::string(1'000'000, 'x') + "\n");

    const auto more = log.more(10);
    ASSERT_EQ(more.size(), 1U);
    EXPECT_LE(more.front().size(), 64U * 1024);
}

TEST_F(RunLogTest, TellsWhenThereIsMoreAlsoOfAFileThatIsNotThereYet) {
    event::Loop loop;
    RunLog log{run_};
    std::string heard;
    log.follow(loop, [&] {
        heard += base::join(log.more(10), "|");
        loop.stop();
    });
    EXPECT_TRUE(log.last(10).empty());
    say("first\n");
    EXPECT_EQ(base::join(log.more(10), "|"), "first") << "the record has changed, so one looks";

    say("second\n");
    const event::Source late = loop.after(10s, [&] { loop.stop(); });
    loop.run();
    EXPECT_EQ(heard, "second");
}

TEST_F(RunLogTest, LeavesAloneWhatIsNotTheRunsOwnFile) {
    std::ofstream{temp_.path() / "secret"} << "secret\n";
    fs::create_symlink(temp_.path() / "secret", run_.dir.output_log());
    EXPECT_TRUE(RunLog{run_}.last(10).empty());

    fs::remove(run_.dir.output_log());
    ASSERT_EQ(::mkfifo(run_.dir.output_log().c_str(), 0600), 0);
    EXPECT_TRUE(RunLog{run_}.last(10).empty());

    fs::remove(run_.dir.output_log());
    say("somebody else's\n");
    run_.owner += 1;
    EXPECT_TRUE(RunLog{run_}.last(10).empty());
}

TEST_F(RunLogTest, SaysThatItMayNotBeRead) {
    if (::geteuid() != 0) {
        GTEST_SKIP() << "not root";
    }
    say("secret\n");
    ASSERT_EQ(::chmod(run_.dir.output_log().c_str(), 0600), 0);
    ASSERT_EQ(::chmod(temp_.path().c_str(), 0755), 0);

    EXPECT_TRUE(test::as_other_user([&] {
        RunLog log{run_};
        return log.last(10).empty() &&
                       log.why_hidden() ==
                           "what this run says is in a file that only its owner may read"
                   ? 0
                   : 1;
    }));
}

}  // namespace
}  // namespace ccci::inspect
