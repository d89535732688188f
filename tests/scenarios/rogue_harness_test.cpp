#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "harness/stop_post.hpp"
#include "launch/step.hpp"
#include "support/forked_child.hpp"
#include "support/temp_dir.hpp"

// A step whose harness says anything at all. Whatever that is, the step ends, and never with a 0
// that no run has earned.

namespace ccci::launch {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

/// Sends what it was given, as one packet each, and is gone; what follows a dead harness is real.
class RogueCarrier : public Carrier {
public:
    explicit RogueCarrier(std::vector<std::string> packets) : packets_{std::move(packets)} {}

    [[nodiscard]] std::string unit_name(const std::string&) const override { return ""; }
    [[nodiscard]] std::string manager() const override { return "none"; }
    [[nodiscard]] bool has_unit() const override { return false; }
    void start(const Load&, base::UniqueFd link, std::optional<locks::DomainLock>) override {
        for (const std::string& packet : packets_) {
            (void)::send(link.get(), packet.data(), packet.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
        }
    }
    void stop() override {}
    void finish(const run::RunDir& dir, bool told, bool /*cancelled*/,
                const std::function<void(link::Kind, std::string_view)>& tell) override {
        if (told) {
            return;
        }
        harness::finish_for_harness(
            dir, {}, {.result = "signal", .exit_code = "killed", .exit_status = "signal 9"}, tell);
    }

private:
    std::vector<std::string> packets_;
};

class RogueHarnessTest : public testing::Test {
protected:
    /// What the step would exit with; 255 when it does not even say.
    int exit_code(std::vector<std::string> packets) {
        fs::remove_all(runs_);
        return test::run_in_child([&] {
                   const base::UniqueFd null = base::open_file("/dev/null", O_RDWR);
                   (void)::dup2(null.get(), STDOUT_FILENO);
                   (void)::dup2(null.get(), STDERR_FILENO);
                   (void)::alarm(20);
                   event::Loop::block_signals({SIGTERM, SIGINT, SIGHUP, SIGCHLD});
                   event::Loop loop;
                   Step step{loop, Parent::ignore(), order(),
                             std::make_unique<RogueCarrier>(std::move(packets))};
                   try {
                       const run::Record record = step.run();
                       return record.verdict ? record.verdict->exit_code : 255;
                   } catch (const std::exception&) {
                       return run::exit_code::internal;
                   }
               })
            .shell_code();
    }

    [[nodiscard]] Order order() const {
        Order order;
        order.runs_dir = runs_;
        order.wanted_id = "1";
        order.user = "root";
        order.request.job = {.argv = {"true"}, .environment = {}, .directory = "/"};
        order.request.deadline = 1min;
        order.request.teardown_budget = 1min;
        return order;
    }

    [[nodiscard]] static std::string verdict(run::Verdict verdict) {
        run::Record record;
        record.run = "1";
        record.state = run::State::ended;
        record.verdict = std::move(verdict);
        return "V" + nlohmann::json(record).dump();
    }

    test::TempDir dir_;
    fs::path runs_ = dir_.path() / "runs";
};

TEST_F(RogueHarnessTest, IsBelievedWhenItMakesSense) {
    EXPECT_EQ(exit_code({"H", verdict({run::VerdictKind::passed, 0, ""})}), 0);
    EXPECT_EQ(exit_code({"H", verdict({run::VerdictKind::failed, 7, "x"})}), 7);
}

TEST_F(RogueHarnessTest, ThatSaysNothingOfUseIsTakenForDead) {
    const std::vector<std::vector<std::string>> table{
        {},
        {"H"},
        {"H", "H", "H"},
        {""},
        {"\xff\xfe", std::string(100'000, '\0')},
        {"O" + std::string(40'000, '\xff'), "E\x1b[2J", "L" + std::string(40'000, '\n')},
        {"Rrequest", "rpart", "Cstop"},
    };
    for (const auto& packets : table) {
        EXPECT_EQ(exit_code(packets), 137) << (packets.empty() ? "" : packets.front());
    }
}

TEST_F(RogueHarnessTest, CannotMakeASuccessOfNonsense) {
    const std::vector<std::string> table{
        "V",
        "V{",
        "V{}",
        "V[]",
        "Vnull",
        "V" + std::string(40'000, '['),
        verdict({run::VerdictKind::failed, 0, "not quite"}),
        verdict({run::VerdictKind::failed, 256, "one too many"}),
        verdict({run::VerdictKind::passed, 3, "in a way"}),
    };
    for (const std::string& packet : table) {
        EXPECT_EQ(exit_code({"H", packet}), 125) << packet.substr(0, 80);
    }
    // A record without a verdict is no verdict.
    run::Record record;
    record.run = "1";
    EXPECT_EQ(exit_code({"H", "V" + nlohmann::json(record).dump()}), 137);
}

}  // namespace
}  // namespace ccci::launch
