#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <unistd.h>

#include <chrono>
#include <functional>
#include <nlohmann/json.hpp>

#include "base/descendants.hpp"
#include "base/text.hpp"
#include "link/channel.hpp"
#include "scenarios/scenario.hpp"
#include "support/other_user.hpp"

// Another user of this host, and what he can put where the product looks. Needs root, to be
// somebody that others have something to gain from.

namespace ccci::test {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

class HostileTest : public Scenario {
protected:
    void SetUp() override {
        Scenario::SetUp();
        if (::geteuid() != 0) {
            GTEST_SKIP() << "not root";
        }
        // As /run/lock and /tmp are: everybody may make files, and remove but their own.
        fs::permissions(dir_.path(), fs::perms{0755});
        fs::permissions(locks_, fs::perms{01777});
        // The build directory may be where nobody else can go.
        fs::copy_file(CCCI_PROGRAM, program_);
        std::ofstream{victim_} << k_precious;
        fs::permissions(victim_, fs::perms{0600});
    }

    void make_runs_open_to_all() const {
        fs::create_directory(runs_);
        fs::permissions(runs_, fs::perms{01777});
    }

    [[nodiscard]] fs::path lock_file() const { return locks::lock_path(locks_, k_domain); }

    static constexpr const char* k_precious = "precious";
    fs::path program_ = dir_.path() / "cc-ci";
    fs::path victim_ = dir_.path() / "victim";
};

// --- lock files

struct Plant {
    const char* what;
    std::function<bool()> make;
    const char* complaint;
};

bool bind_socket(const fs::path& path) {
    const base::UniqueFd socket{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.native().copy(address.sun_path, sizeof address.sun_path - 1);
    return ::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
}

TEST_F(HostileTest, Case08RefusesWhateverIsNotItsOwnLockFile) {
    const fs::path path = lock_file();
    const auto by_other = [&](const std::function<bool()>& make) {
        return as_other_user([&] { return make() ? 0 : 1; });
    };
    const std::vector<Plant> plants{
        {"another user's file",
         [&] {
             return by_other([&] {
                 const base::UniqueFd fd = base::open_file(path, O_RDWR | O_CREAT, 0666);
                 return ::fchmod(fd.get(), 0666) == 0;
             });
         },
         "belongs to uid 65534"},
        {"symbolic link",
         [&] { return by_other([&] { return ::symlink(victim_.c_str(), path.c_str()) == 0; }); },
         "is a symbolic link"},
        {"link to nowhere",
         [&] { return by_other([&] { return ::symlink("nowhere", path.c_str()) == 0; }); },
         "is a symbolic link"},
        // By root: another user can only where fs.protected_hardlinks is off.
        {"hard link", [&] { return ::link(victim_.c_str(), path.c_str()) == 0; }, "is a hard link"},
        {"FIFO", [&] { return by_other([&] { return ::mkfifo(path.c_str(), 0666) == 0; }); },
         "is not a regular file"},
        {"directory", [&] { return by_other([&] { return ::mkdir(path.c_str(), 0777) == 0; }); },
         "is a directory"},
        {"socket", [&] { return by_other([&] { return bind_socket(path); }); },
         "is not a regular file"},
        {"device", [&] { return ::mknod(path.c_str(), S_IFCHR | 0600, makedev(1, 3)) == 0; },
         "is not a regular file"},
    };
    for (const Plant& plant : plants) {
        SCOPED_TRACE(plant.what);
        ASSERT_TRUE(plant.make());

        ProcessUnderTest step{domain_argv({"--run-id", "8"}, "touch $MARKS/ran")};

        EXPECT_EQ(step.exit_code(), 125) << step.output();
        EXPECT_NE(step.output().find(plant.complaint), std::string::npos) << step.output();
        EXPECT_EQ(std::ranges::count(step.output(), '\n'), 2) << step.output();
        EXPECT_FALSE(has_mark("ran"));
        EXPECT_FALSE(has_mark("torn-down"));
        ASSERT_TRUE(record("8"));
        EXPECT_EQ(record("8")->state, run::State::ended);
        EXPECT_FALSE(fs::exists(runs_ / "8" / "request"));
        EXPECT_EQ(base::try_read_file(victim_), k_precious);
        fs::remove(path);
        fs::remove_all(runs_);
    }
}

TEST_F(HostileTest, NobodyElseCanHoldALock) {
    ProcessUnderTest step{domain_argv({}, "echo job is here; sleep 1000")};
    ASSERT_TRUE(step.wait_for("job is here"));

    EXPECT_TRUE(as_other_user([&] {
        const bool closed =
            ::open(lock_file().c_str(), O_RDONLY | O_CLOEXEC) < 0 && errno == EACCES;
        const bool stays = ::unlink(lock_file().c_str()) != 0 &&
                           ::rename(lock_file().c_str(), (locks_ / "x").c_str()) != 0;
        return closed && stays ? 0 : 1;
    }));

    step.kill(SIGTERM);
    EXPECT_EQ(step.exit_code(), 143) << step.output();
}

TEST_F(HostileTest, ALockOfTheDirectoryIsInNobodysWay) {
    const ForkedChild other{[&] {
        become_other_user();
        base::UniqueFd directory = base::open_file(locks_, O_RDONLY | O_DIRECTORY);
        if (::flock(directory.get(), LOCK_EX | LOCK_NB) != 0) {
            throw std::runtime_error{"the directory cannot be locked"};
        }
        (void)directory.release();
    }};

    ProcessUnderTest step{domain_argv({}, "true")};

    EXPECT_EQ(step.exit_code(), 0) << step.output();
}

// --- run directories

TEST_F(HostileTest, TakesNoRunDirectoryThatIsThere) {
    make_runs_open_to_all();
    ASSERT_TRUE(as_other_user([&] {
        fs::create_directory(runs_ / "42");
        fs::create_symlink(victim_, runs_ / "42" / "run.json");
        fs::create_symlink(dir_.path(), runs_ / "42-2");
        return 0;
    }));

    ProcessUnderTest step{domain_argv({"--run-id", "42"}, "echo the job is $CCCI_RUN")};

    EXPECT_EQ(step.exit_code(), 0) << step.output();
    EXPECT_NE(step.output().find("the job is 42-3"), std::string::npos) << step.output();
    EXPECT_EQ(base::try_read_file(victim_), k_precious);
    EXPECT_FALSE(fs::exists(dir_.path() / "run.json"));
}

TEST_F(HostileTest, StopsNothingThatARecordOfSomebodyElseNames) {
    make_runs_open_to_all();
    ForkedChild bystander{[] {}};
    const auto facts = base::process_facts(bystander.pid());
    ASSERT_TRUE(facts);
    run::Record planted;
    planted.run = "7";
    planted.domain = k_domain;
    planted.manager = "none";
    planted.state = run::State::running;
    planted.harness =
        run::ProcessId{bystander.pid(), facts->start_ticks, run::ProcessId::own().boot};
    ASSERT_TRUE(as_other_user([&] {
        run::RunDir::create(runs_, "7").write(planted);
        fs::create_directory(runs_ / "elsewhere");
        run::RunDir::open(runs_ / "elsewhere").write(planted);
        return 0;
    }));
    // One of root's that others may write is as good as another's.
    planted.run = "8";
    run::RunDir::create(runs_, "8").write(planted);
    fs::permissions(runs_ / "8", fs::perms{0777});

    // Root stops another user's run with that user's rights, and not with its own.
    const std::vector<std::pair<std::string, int>> table{{"7", 125}, {"8", 2}, {"elsewhere", 2}};
    for (const auto& [id, code] : table) {
        ProcessUnderTest cancel{{CCCI_PROGRAM, "cancel", id, "--no-wait"}};
        EXPECT_EQ(cancel.exit_code(), code) << cancel.output();
    }

    EXPECT_TRUE(base::is_alive(bystander.pid(), facts->start_ticks));
    EXPECT_FALSE(fs::exists(runs_ / "8" / "stop"));
}

TEST_F(HostileTest, AnotherUserCanNeitherStopARunNorReadItsSecrets) {
    ProcessUnderTest step{domain_argv({"--run-id", "42"}, "echo job is here; sleep 1000"),
                          {"SECRET=kept to ourselves"}};
    ASSERT_TRUE(step.wait_for("job is here"));
    const pid_t harness = record("42")->harness->pid;

    EXPECT_TRUE(as_other_user([&] {
        const fs::path run = runs_ / "42";
        const auto closed = [](const fs::path& path, int flags) {
            return ::open(path.c_str(), flags | O_CLOEXEC, 0600) < 0;
        };
        const bool good = closed(run / "request", O_RDONLY) &&
                          closed(run / "stop", O_WRONLY | O_CREAT) &&
                          closed(run / "run.json", O_WRONLY) &&
                          closed(fmt::format("/proc/{}/environ", harness), O_RDONLY) &&
                          ::kill(harness, SIGTERM) != 0 && ::kill(step.pid(), SIGTERM) != 0;
        return good ? 0 : 1;
    }));
    for (const fs::directory_entry& file : fs::directory_iterator{runs_ / "42"}) {
        const auto mode = fs::status(file).permissions();
        const std::string text = base::try_read_file(file).value_or("");
        EXPECT_TRUE((mode & fs::perms{0077}) == fs::perms::none ||
                    text.find("kept to ourselves") == std::string::npos)
            << file.path();
    }
    for (const std::vector<std::string>& options :
         std::vector<std::vector<std::string>>{{"--no-wait"}, {}}) {
        std::vector<std::string> argv{program_, "cancel", "42"};
        argv.insert(argv.end(), options.begin(), options.end());
        ProcessUnderTest cancel{other_users(argv)};
        EXPECT_NE(cancel.exit_code(), 0) << cancel.output();
        EXPECT_EQ(std::ranges::count(cancel.output(), '\n'), 1) << cancel.output();
        EXPECT_NE(cancel.output().find("denied"), std::string::npos) << cancel.output();
    }
    EXPECT_EQ(record("42")->state, run::State::running);
    if (const std::string unit = record("42")->unit; !unit.empty()) {
        ProcessUnderTest stop{other_users({"systemctl", "stop", "--no-ask-password", unit})};
        EXPECT_NE(stop.exit_code(), 0) << stop.output();
        ProcessUnderTest show{other_users({"systemctl", "show", unit})};
        EXPECT_EQ(show.exit_code(), 0) << show.output();
        EXPECT_NE(show.output().find("MainPID"), std::string::npos);
        EXPECT_EQ(show.output().find("kept to ourselves"), std::string::npos);
    }

    step.kill(SIGTERM);
    EXPECT_EQ(step.exit_code(), 143) << step.output();
    EXPECT_NE(step.output().find("cancelled by SIGTERM"), std::string::npos) << step.output();
}

// --- the environment

TEST_F(HostileTest, AStrangeRunsDirectoryIsRefusedInOneLine) {
    fs::create_directory(dir_.path() / "closed");
    const std::vector<std::pair<std::string, int>> table{
        {dir_.path() / "\xff\xfe", 2},
        {"relative/runs", 2},
        {dir_.path() / std::string(300, 'a'), 125},
        {"/" + base::replace_all(std::string(1500, 'a'), "a", "long/"), 125},
        {victim_, 125},
        {dir_.path() / "missing/runs", 125},
        {dir_.path() / "closed", 125},
    };
    for (const auto& [runs, code] : table) {
        ProcessUnderTest step{other_users({program_, "run", "--manager", "none", "--", "true"}),
                              {"CCCI_RUNS_DIR=" + runs}};

        EXPECT_EQ(step.exit_code(), code) << step.output();
        EXPECT_EQ(std::ranges::count(step.output(), '\n'), 1) << step.output();
        EXPECT_LT(step.output().size(), 500U) << "the reason comes last, and must be seen";
    }
}

// --- what a job does with what it is given

TEST_F(HostileTest, AJobHasNoneOfTheDescriptorsThatHoldTheRunTogether) {
    // Whatever the test itself was started with is no concern of this one.
    ProcessUnderTest step{domain_argv({}, "ls -l /proc/self/fd")};

    EXPECT_EQ(step.exit_code(), 0) << step.output();
    EXPECT_EQ(step.output().find("socket:"), std::string::npos) << step.output();
    EXPECT_EQ(step.output().find(".lock"), std::string::npos) << step.output();
    EXPECT_EQ(step.output().find("output.log"), std::string::npos) << step.output();
}

TEST_F(HostileTest, ANoteThatIsNoFileKeepsNobodyWaiting) {
    for (const char* make :
         {"mkfifo $CCCI_NOTE_FILE", "mkdir $CCCI_NOTE_FILE", "truncate -s 10G $CCCI_NOTE_FILE",
          "ln -s /dev/zero $CCCI_NOTE_FILE", "ln -s $CCCI_NOTE_FILE $CCCI_NOTE_FILE"}) {
        ProcessUnderTest step{domain_argv({}, make)};

        EXPECT_EQ(step.exit_code(), 0) << make << "\n" << step.output();
        EXPECT_TRUE(has_mark("torn-down")) << make;
        remove_mark("torn-down");
        fs::remove_all(runs_);
    }
}

TEST_F(HostileTest, APhaseThatIsNoFileKeepsNobodyWaiting) {
    for (const char* make :
         {"mkfifo $P.x", "mkdir $P.x", "truncate -s 10G $P.x", "ln -s /dev/zero $P.x",
          "ln -s phase $P.x", "rm -rf $CCCI_RUN_DIR; mkdir -p $CCCI_RUN_DIR; touch $P.x"}) {
        ProcessUnderTest step{domain_argv(
            {}, fmt::format("P=$CCCI_PHASE_FILE; rm -rf $P; {}; mv -T $P.x $P; echo done", make))};

        EXPECT_EQ(step.exit_code(), 0) << make << "\n" << step.output();
        EXPECT_NE(step.output().find("done"), std::string::npos) << make;
        EXPECT_TRUE(has_mark("torn-down")) << make;
        remove_mark("torn-down");
        fs::remove_all(runs_);
    }
}

TEST_F(HostileTest, ANoteIsShownAsOnePrintableLine) {
    ProcessUnderTest step{
        run_argv({}, "printf '\\033[2Jall \\377 well\\nsecond' >$CCCI_NOTE_FILE")};

    EXPECT_EQ(step.exit_code(), 0);
    EXPECT_NE(step.output().find("passed, \\x1b[2Jall \\xff well, "), std::string::npos)
        << step.output();
    EXPECT_EQ(step.output().find("second"), std::string::npos) << step.output();
}

TEST_F(HostileTest, ALostRunDirectoryStopsNoTeardown) {
    for (const char* lose :
         {"rm -rf $CCCI_RUN_DIR", "rm $CCCI_RUN_DIR/run.json; mkdir $CCCI_RUN_DIR/run.json"}) {
        ProcessUnderTest step{domain_argv({}, lose)};

        EXPECT_EQ(step.exit_code(), 0) << step.output();
        EXPECT_NE(step.output().find("the record of the run cannot be written"), std::string::npos)
            << step.output();
        EXPECT_TRUE(has_mark("torn-down"));
        EXPECT_FALSE(has_lock_file());
        remove_mark("torn-down");
    }
}

TEST_F(HostileTest, ALostRunDirectoryMakesNoSuccessOfADeadHarness) {
    for (const char* lose : {"rm -rf $CCCI_RUN_DIR", "rm $CCCI_RUN_DIR/request",
                             "echo nonsense >$CCCI_RUN_DIR/request",
                             "rm $CCCI_RUN_DIR/run.json $CCCI_RUN_DIR/request"}) {
        ProcessUnderTest step{domain_argv({}, fmt::format("{}; kill -KILL $PPID", lose))};

        const int code = step.exit_code();
        EXPECT_TRUE(code == 137 || code == 125) << code << "\n" << step.output();
        EXPECT_TRUE(becomes_lock_free());
        EXPECT_TRUE(has_mark("torn-down") || has_lock_file())
            << "the file is what makes the next run tear down";
        remove_mark("torn-down");
    }
}

TEST_F(HostileTest, AFullDiskStopsNoTeardown) {
    fs::create_directory(runs_);
    const std::string mount = "mount -t tmpfs -o size=64k tmpfs $CCCI_RUNS_DIR";
    // A unit sees the mounts of its systemd, which is the sandbox's; elsewhere nobody is to see
    // any.
    const bool in_unit = test::has_unit();
    std::vector<std::string> argv{"sh", "-c", mount + " && exec \"$@\"", "-"};
    if (!in_unit) {
        argv.insert(argv.begin(), {"unshare", "--mount"});
    }
    for (std::string& argument :
         domain_argv({}, "head -c 1M /dev/zero >$CCCI_RUN_DIR/fill 2>/dev/null; true")) {
        argv.push_back(std::move(argument));
    }
    ProcessUnderTest step{std::move(argv)};

    EXPECT_EQ(step.exit_code(), 0) << step.output();
    EXPECT_TRUE(has_mark("torn-down"));
    EXPECT_FALSE(has_lock_file());
    if (in_unit) {
        (void)base::run_and_capture({.argv = {"umount", runs_}});
    }
}

// --- the other end of the link

/// The program's own harness, and we are what it takes for its step.
class LinkPeerTest : public Scenario {
protected:
    void SetUp() override {
        Scenario::SetUp();
        auto [ours, theirs] = link::make_link();
        ours_ = std::move(ours);
        auto started = base::spawn({.argv = {CCCI_BUILD "/libexec/cc-ci/cc-ci-harness"},
                                    .out = theirs.get(),
                                    .err = theirs.get(),
                                    .new_session = true,
                                    .death_signal = SIGKILL});
        harness_.emplace(std::move(std::get<base::Child>(started)));
        run_dir_.emplace(run::RunDir::create(runs_, "1"));
    }
    void TearDown() override {
        if (harness_) {
            harness_->kill(SIGKILL);
            (void)harness_->wait();
        }
    }

    [[nodiscard]] run::Request request(const std::string& script) const {
        return {.run = "1",
                .run_dir = run_dir_->path(),
                .domain = "",
                .lock_file = {},
                .lease = std::nullopt,
                .job = {.argv = {"/bin/sh", "-c", script},
                        .environment = base::own_environment(),
                        .directory = "/"},
                .teardown = run::Program{.argv = {"/bin/sh", "-c", "touch $MARKS/torn-down"},
                                         .environment = base::own_environment(),
                                         .directory = "/"},
                .deadline = 1min,
                .teardown_budget = 1min,
                .stop_grace = 1s,
                .in_unit = false};
    }

    bool send(link::Kind kind, std::string_view payload) const {
        return link::send_now(ours_.get(), kind, payload, k_patience);
    }
    bool send(link::Kind kind, const run::Request& request) const {
        return send(kind, run::encode(request));
    }

    /// Says no more, and returns what the harness exits with; -1 when it stays.
    int end() {
        (void)::shutdown(ours_.get(), SHUT_WR);
        return exit_code();
    }
    int exit_code() {
        if (!becomes_readable(harness_->pidfd())) {
            return -1;
        }
        const int code = harness_->wait().shell_code();
        harness_.reset();
        return code;
    }

    base::UniqueFd ours_;
    std::optional<base::Child> harness_;
    std::optional<run::RunDir> run_dir_;
};

TEST_F(LinkPeerTest, GarbageStartsNothing) {
    const std::string huge(150'000, 'x');
    for (const std::string& packet : {std::string{"\xff\xfe"}, "Z" + std::string(100, '\0'),
                                      std::string{"V{}"}, std::string{"O"}, "L" + huge}) {
        ASSERT_EQ(::send(ours_.get(), packet.data(), packet.size(), MSG_NOSIGNAL),
                  static_cast<ssize_t>(packet.size()));
    }

    EXPECT_EQ(end(), 143) << "a step that is gone before it asked for anything";
    EXPECT_FALSE(run_dir_->read());
}

TEST_F(LinkPeerTest, ABrokenRequestStartsNothing) {
    const std::string good = run::encode(request("touch $MARKS/ran"));
    ASSERT_TRUE(send(link::Kind::request_end, good.substr(0, good.size() - 1)));

    EXPECT_EQ(exit_code(), 125);
    EXPECT_FALSE(has_mark("ran"));
    EXPECT_FALSE(has_mark("torn-down"));
}

TEST_F(LinkPeerTest, ARequestThatNeverEndsStartsNothing) {
    const std::string good = run::encode(request("touch $MARKS/ran"));
    ASSERT_TRUE(send(link::Kind::request_part, good));

    EXPECT_EQ(end(), 143);
    EXPECT_FALSE(has_mark("ran"));
}

TEST_F(LinkPeerTest, OnlyTheFirstRequestCounts) {
    ASSERT_EQ(::mkfifo((marks_ / "go").c_str(), 0600), 0);
    ASSERT_TRUE(send(link::Kind::request_end, request("cat $MARKS/go; touch $MARKS/first")));
    ASSERT_TRUE(send(link::Kind::request_part, "more"));
    ASSERT_TRUE(send(link::Kind::request_end, request("touch $MARKS/second")));
    std::ofstream{marks_ / "go"} << "";

    EXPECT_EQ(exit_code(), 0);
    EXPECT_TRUE(has_mark("first"));
    EXPECT_FALSE(has_mark("second"));
    EXPECT_TRUE(has_mark("torn-down"));
}

TEST_F(LinkPeerTest, ACancelThatComesBeforeTheRequestIsACancel) {
    ASSERT_TRUE(send(link::Kind::cancel, "a\x1b[2Jb\n"));
    ASSERT_TRUE(send(link::Kind::verdict, "{}"));
    ASSERT_TRUE(send(link::Kind::request_end, request("touch $MARKS/ran")));

    EXPECT_EQ(exit_code(), 143);
    EXPECT_FALSE(has_mark("ran"));
    ASSERT_TRUE(run_dir_->read());
    EXPECT_EQ(run_dir_->read()->verdict->reason, "a\\x1b[2Jb\\x0a");
}

TEST_F(LinkPeerTest, AFloodOfCancelsIsOneCancel) {
    ASSERT_TRUE(send(link::Kind::request_end, request("sleep 1000")));
    for (int n = 0; n < 5'000; ++n) {
        if (!send(link::Kind::cancel, "flood")) {
            break;  // it is over already
        }
        std::array<char, 65536> answer;
        while (::recv(ours_.get(), answer.data(), answer.size(), MSG_DONTWAIT) > 0) {
        }
    }

    EXPECT_EQ(exit_code(), 143);
    EXPECT_TRUE(has_mark("torn-down"));
}

}  // namespace
}  // namespace ccci::test
