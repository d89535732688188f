#include "run/run_dir.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>
#include <random>
#include <set>
#include <stdexcept>
#include <string_view>
#include <system_error>

#include "base/files.hpp"
#include "support/forked_child.hpp"
#include "support/temp_dir.hpp"

namespace ccci::run {
namespace {

namespace fs = std::filesystem;

class RunDirTest : public testing::Test {
protected:
    RunDir make(const std::string& id = "267") const { return RunDir::create(runs_, id); }

    static mode_t mode_of(const fs::path& path) {
        struct stat info {};
        (void)::stat(path.c_str(), &info);
        return info.st_mode & 07777;
    }

    static void write_record(const RunDir& dir, const std::string& text) {
        std::ofstream{dir.path() / "run.json"} << text;
    }

    test::TempDir temp_;
    fs::path runs_ = temp_.path() / "runs";
};

TEST_F(RunDirTest, TakesTheIdOrTheNextSuffix) {
    EXPECT_EQ(make().id(), "267");
    EXPECT_EQ(make().id(), "267-2");
    EXPECT_EQ(make().id(), "267-3");
    EXPECT_EQ(make("268").id(), "268");
    EXPECT_EQ(make("267-2").id(), "267-2-2");
    EXPECT_EQ(mode_of(runs_ / "267"), 0755U);
}

TEST_F(RunDirTest, TakesWhateverIsThereForTaken) {
    ASSERT_TRUE(fs::create_directory(runs_));
    std::ofstream{runs_ / "1"} << "a file";
    fs::create_symlink("nowhere", runs_ / "1-2");

    EXPECT_EQ(make("1").id(), "1-3");
}

TEST_F(RunDirTest, MakesOnlyTheLastPartOfThePath) {
    EXPECT_THROW((void)RunDir::create(temp_.path() / "missing" / "runs", "1"), std::system_error);
    EXPECT_FALSE(fs::exists(temp_.path() / "missing"));
    std::ofstream{temp_.path() / "file"} << "x";
    EXPECT_THROW((void)RunDir::create(temp_.path() / "file", "1"), std::system_error);
}

// Case 41, 49.
TEST_F(RunDirTest, GivesEveryProcessADirectoryOfItsOwn) {
    constexpr int k_processes = 8;
    constexpr int k_each = 25;
    const test::Gate go;
    const test::Pipe told;
    std::vector<std::unique_ptr<test::BackgroundChild>> processes;
    for (int n = 0; n < k_processes; ++n) {
        processes.push_back(std::make_unique<test::BackgroundChild>([&] {
            go.wait();
            for (int made = 0; made < k_each; ++made) {
                base::write_all(told.write.get(), make("7").id() + "\n", "pipe");
            }
            return 0;
        }));
    }

    go.open();
    for (const auto& process : processes) {
        ASSERT_TRUE(process->wait().success());
    }

    std::string text(65536, '\0');
    const ssize_t size = ::read(told.read.get(), text.data(), text.size());
    text.resize(static_cast<std::size_t>(size));
    std::istringstream lines{text};
    std::set<std::string> ids;
    for (std::string id; std::getline(lines, id);) {
        EXPECT_TRUE(ids.insert(id).second) << id << " was given twice";
    }
    EXPECT_EQ(ids.size(), static_cast<std::size_t>(k_processes * k_each));
    EXPECT_TRUE(ids.contains("7-200"));
}

TEST_F(RunDirTest, KeepsTheRecordReadableForEverybody) {
    const RunDir dir = make();
    EXPECT_FALSE(dir.read());
    Record record;
    record.run = "267";
    record.job = "a job\xff";

    dir.write(record);

    const auto read = RunDir::open(dir.path()).read();
    ASSERT_TRUE(read);
    EXPECT_EQ(read->run, "267");
    EXPECT_EQ(mode_of(dir.path() / "run.json"), 0644U);
}

// Case 40: the request holds the environment.
TEST_F(RunDirTest, KeepsTheRequestForItsOwnerOnly) {
    const mode_t old_mask = ::umask(0);
    const RunDir dir = make();
    Request request;
    request.job.argv = {"true"};
    request.job.environment = {"TOKEN=secret\xff"};

    dir.write(request);
    (void)::umask(old_mask);

    EXPECT_EQ(mode_of(dir.path() / "request"), 0600U);
    EXPECT_EQ(dir.read_request(), request);
    dir.remove_request();
    EXPECT_FALSE(dir.read_request());
    EXPECT_NO_THROW(dir.remove_request());
}

TEST_F(RunDirTest, HasNoRecordWhereTheFileIsDamaged) {
    const RunDir dir = make();
    Record good;
    good.run = "267";
    dir.write(good);
    const std::string text = *base::try_read_file(dir.path() / "run.json");

    for (std::size_t size = 0; size + 2 < text.size(); size += 23) {
        write_record(dir, text.substr(0, size));
        EXPECT_FALSE(dir.read()) << size;
    }
    for (const std::string& hostile :
         {std::string{"null"}, std::string{"[]"}, std::string{"{}"}, std::string{"\xff"},
          std::string(200'000, '['), std::string(200'000, '\0'), std::string{"{\"version\": 1}"},
          "[" + text + "]", text + text, std::string{"1e99999"}}) {
        write_record(dir, hostile);
        EXPECT_FALSE(dir.read()) << hostile.substr(0, 50);
    }
}

TEST_F(RunDirTest, SurvivesEveryDamageOfItsFiles) {
    const RunDir dir = make();
    Record record;
    record.run = "267";
    record.started = std::chrono::system_clock::now();
    record.step = ProcessId::own();
    dir.write(record);
    dir.order_stop({StopCause::superseded, "superseded by run 268"});
    const std::string text = *base::try_read_file(dir.path() / "run.json");
    const std::string order = *base::try_read_file(dir.path() / "stop");
    std::minstd_rand random{23};
    const auto damage = [&](std::string bytes) {
        for (auto changes = 1 + random() % 3; changes > 0; --changes) {
            bytes[random() % bytes.size()] = static_cast<char>(random());
        }
        return bytes;
    };
    for (int round = 0; round < 50; ++round) {
        write_record(dir, damage(text));
        std::ofstream{dir.path() / "stop"} << damage(order);
        if (const auto read = dir.read()) {
            (void)latest_end(*read);
        }
        (void)dir.read_stop_order();
    }
}

TEST_F(RunDirTest, HasNoRecordWhereADirectoryIsInItsPlace) {
    const RunDir dir = make();
    ASSERT_TRUE(fs::create_directory(dir.path() / "run.json"));
    ASSERT_TRUE(fs::create_directory(dir.path() / "stop"));

    EXPECT_FALSE(dir.read());
    EXPECT_FALSE(dir.read_stop_order());
}

TEST_F(RunDirTest, CarriesAStopOrderFromOneProcessToAnother) {
    const RunDir dir = make();
    EXPECT_FALSE(dir.read_stop_order());

    dir.order_stop({StopCause::superseded, "superseded by run 268"});
    const auto superseded = dir.read_stop_order();
    dir.order_stop({StopCause::cancelled, "by\nhand\xff"});
    const auto cancelled = dir.read_stop_order();

    ASSERT_TRUE(superseded);
    EXPECT_EQ(superseded->cause, StopCause::superseded);
    EXPECT_EQ(superseded->reason, "superseded by run 268");
    ASSERT_TRUE(cancelled);
    EXPECT_EQ(cancelled->cause, StopCause::cancelled);
    EXPECT_EQ(cancelled->reason, "by\\x0ahand\\xff");
}

TEST_F(RunDirTest, ShowsTheReasonOfAStopOrderInOneLine) {
    const RunDir dir = make();
    std::ofstream{dir.path() / "stop"} << R"({"superseded": false, "reason": "a\u001b[2J\nb"})";

    ASSERT_TRUE(dir.read_stop_order());
    EXPECT_EQ(dir.read_stop_order()->reason, "a\\x1b[2J\\x0ab");
}

TEST_F(RunDirTest, NeverWaitsForAFileThatIsNone) {
    const RunDir dir = make();
    for (const char* name : {"run.json", "stop", "request"}) {
        ASSERT_EQ(::mkfifo((dir.path() / name).c_str(), 0600), 0);
    }

    EXPECT_FALSE(dir.read());
    EXPECT_FALSE(dir.read_stop_order());
    EXPECT_THROW((void)dir.read_request(), std::system_error);
}

TEST_F(RunDirTest, IsNotMadeWhereAnotherUserCouldReplaceIt) {
    (void)make();
    const auto is_refused = [&](mode_t mode) {
        (void)::chmod(runs_.c_str(), mode);
        try {
            (void)make();
            return false;
        } catch (const std::runtime_error& error) {
            return std::string_view{error.what()}.starts_with("runs directory ");
        }
    };

    EXPECT_FALSE(is_refused(0700));
    EXPECT_FALSE(is_refused(01775));
    EXPECT_FALSE(is_refused(01777));
    EXPECT_TRUE(is_refused(0775));
    EXPECT_TRUE(is_refused(0702));
    if (::geteuid() == 0) {
        ASSERT_EQ(::chown(runs_.c_str(), 1500, 1500), 0);
        EXPECT_TRUE(is_refused(0755));
        EXPECT_TRUE(is_refused(01777));
    }
}

TEST_F(RunDirTest, OfAnotherUserIsForRootToSeeAndNobodyElse) {
    if (::geteuid() != 0) {
        GTEST_SKIP() << "needs root, to give it away";
    }
    const RunDir dir = make();
    ASSERT_EQ(::chown(dir.path().c_str(), 1500, 1500), 0);
    ASSERT_EQ(::chmod(temp_.path().c_str(), 0755), 0);

    EXPECT_FALSE(dir.is_ours());
    EXPECT_TRUE(dir.is_visible());
    EXPECT_EQ(dir.owner(), 1500U);
    EXPECT_EQ(RunDir::all_visible(runs_).size(), 1U);
    EXPECT_TRUE(test::run_in_child([&] {
                    return ::setuid(1501) == 0 && !dir.is_visible() &&
                                   RunDir::all_visible(runs_).empty()
                               ? 0
                               : 1;
                }).success());
    ASSERT_EQ(::chmod(dir.path().c_str(), 0775), 0);
    EXPECT_FALSE(dir.is_visible());
}

TEST_F(RunDirTest, IsNotOursWhereSomebodyElseCanWrite) {
    const RunDir dir = make();
    ASSERT_TRUE(dir.is_ours());
    EXPECT_EQ(RunDir::all(runs_).size(), 1U);
    fs::create_symlink(dir.path(), runs_ / "link");
    EXPECT_FALSE(RunDir::open(runs_ / "link").is_ours());
    EXPECT_FALSE(RunDir::open(runs_ / "missing").is_ours());

    for (const mode_t mode : {0775U, 0757U, 0777U, 01777U}) {
        ASSERT_EQ(::chmod(dir.path().c_str(), mode), 0);
        EXPECT_FALSE(dir.is_ours()) << mode;
    }
    ASSERT_EQ(::chmod(dir.path().c_str(), 0755), 0);
    EXPECT_TRUE(dir.is_ours());
    if (::geteuid() == 0) {
        ASSERT_EQ(::chown(dir.path().c_str(), 1500, 1500), 0);
        EXPECT_FALSE(dir.is_ours());
        EXPECT_TRUE(RunDir::all(runs_).empty());
    }
}

TEST_F(RunDirTest, ListsDirectoriesOnly) {
    EXPECT_TRUE(RunDir::all(runs_).empty());
    (void)make("2");
    (void)make("1");
    std::ofstream{runs_ / "a-file"} << "x";

    std::vector<std::string> ids;
    for (const RunDir& dir : RunDir::all(runs_)) {
        ids.push_back(dir.id());
    }

    EXPECT_EQ(ids, (std::vector<std::string>{"1", "2"}));
}

}  // namespace
}  // namespace ccci::run
