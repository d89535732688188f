#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "scenarios/scenario.hpp"
#include "support/json_schema.hpp"
#include "support/readiness.hpp"

namespace ccci::test {
namespace {

using nlohmann::json;

class CancelCommand : public Scenario {
protected:
    std::unique_ptr<ProcessUnderTest> begin(const std::string& id, const std::string& sign,
                                            const std::string& domain = k_domain) const {
        auto run = std::make_unique<ProcessUnderTest>(run_argv(
            {"--run-id", id, "--domain", domain, "--teardown", "touch $MARKS/torn-down-$CCCI_RUN"},
            "echo at work; touch $MARKS/began-$CCCI_RUN; exec sleep 300"));
        EXPECT_TRUE(run->wait_for(sign)) << run->output();
        return run;
    }

    static json cancel(std::vector<std::string> arguments) {
        arguments.insert(arguments.begin(), {CCCI_PROGRAM, "cancel", "--json"});
        const auto out = base::run_and_capture({.argv = arguments});
        EXPECT_EQ(out.status.code, 0) << out.text;
        json whole = json::parse(out.text);
        const JsonSchema schema{json::parse(
            base::try_read_file(CCCI_SOURCE_DIR "/docs/schemas/cancel.schema.json").value())};
        EXPECT_EQ(schema.first_error(whole), "") << whole.dump(2);
        return whole.at("runs");
    }

    std::string verdict(const std::string& id) const {
        const auto found = record(id);
        return found && found->verdict ? run::to_string(found->verdict->kind) : "none";
    }
};

TEST_F(CancelCommand, StopsSeveralAndWaitsForAll) {
    const auto one = begin("cancel-1", "at work");
    const auto other = begin("cancel-2", "at work", "demo-111111.ci.localhost");
    const auto third = begin("cancel-3", "at work", "demo-222222.ci.localhost");

    ProcessUnderTest cancel{{CCCI_PROGRAM, "cancel", "cancel-1", "cancel-2"}};

    EXPECT_EQ(cancel.exit_code(), 0);
    for (const char* id : {"cancel-1", "cancel-2"}) {
        EXPECT_NE(cancel.output().find(std::string{"cc-ci: run "} + id + ": cancelled\n"),
                  std::string::npos)
            << cancel.output();
        EXPECT_TRUE(has_mark(std::string{"torn-down-"} + id));
    }
    EXPECT_EQ(one->exit_code(), run::exit_code::cancelled);
    EXPECT_EQ(other->exit_code(), run::exit_code::cancelled);
    EXPECT_EQ(verdict("cancel-3"), "none");

    const json rest = this->cancel({"--all"});
    ASSERT_EQ(rest.size(), 1);
    EXPECT_EQ(rest[0].at("run"), "cancel-3");
    EXPECT_EQ(rest[0].at("result"), "over");
    EXPECT_EQ(rest[0].at("verdict"), "cancelled");
    EXPECT_EQ(third->exit_code(), run::exit_code::cancelled);
    EXPECT_TRUE(this->cancel({"--all"}).empty());
}

// Breaking it: when all are asked at once, one that waits may get the lock from the one that ends.
TEST_F(CancelCommand, DoesNotStopTheHolderBeforeThoseWhoWaitAreGone) {
    const auto holder = begin("cancel-1", "at work");
    const auto waiting = begin("cancel-2", "waiting for");
    const auto is_ordered = [this](const char* id) {
        return std::filesystem::exists(runs_ / id / "stop");
    };
    waiting->kill(SIGSTOP);

    ProcessUnderTest cancel{{CCCI_PROGRAM, "cancel", k_domain}};

    ASSERT_TRUE(eventually([&] { return is_ordered("cancel-2"); }));
    const base::UniqueFd holder_end{static_cast<int>(::syscall(SYS_pidfd_open, holder->pid(), 0))};
    pollfd end{.fd = holder_end.get(), .events = POLLIN, .revents = 0};
    EXPECT_EQ(::poll(&end, 1, 300), 0) << "it has ended";
    EXPECT_FALSE(is_ordered("cancel-1"));
    waiting->kill(SIGCONT);
    EXPECT_EQ(cancel.exit_code(), 0) << cancel.output();
    EXPECT_EQ(holder->exit_code(), run::exit_code::cancelled);
    EXPECT_EQ(waiting->exit_code(), run::exit_code::cancelled);
}

TEST_F(CancelCommand, StopsAllOfADomainAndStartsNone) {
    std::vector<std::unique_ptr<ProcessUnderTest>> runs;
    runs.push_back(begin("cancel-1", "at work"));
    for (const char* id : {"cancel-2", "cancel-3", "cancel-4"}) {
        runs.push_back(begin(id, "waiting for"));
    }

    const json results = cancel({k_domain});

    ASSERT_EQ(results.size(), 4) << results.dump(2);
    EXPECT_EQ(results.back().at("run"), "cancel-1") << "the last to end has the lock";
    for (const auto& run : runs) {
        EXPECT_EQ(run->exit_code(), run::exit_code::cancelled) << run->output();
    }
    for (const char* id : {"cancel-2", "cancel-3", "cancel-4"}) {
        EXPECT_EQ(verdict(id), "cancelled");
        EXPECT_FALSE(has_mark(std::string{"began-"} + id)) << id;
    }
    EXPECT_EQ(cancel({k_domain})[0].at("result"), "over already");
}

TEST_F(CancelCommand, DoesNothingWhenOneIsNotKnown) {
    const auto run = begin("cancel-1", "at work");

    ProcessUnderTest cancel{{CCCI_PROGRAM, "cancel", "cancel-1", "cancel-2"}};

    EXPECT_EQ(cancel.exit_code(), run::exit_code::usage);
    EXPECT_NE(cancel.output().find("'cancel-2'"), std::string::npos) << cancel.output();
    EXPECT_EQ(verdict("cancel-1"), "none");
    EXPECT_EQ(this->cancel({"cancel-1", k_domain}).size(), 1) << "named twice";
    EXPECT_EQ(run->exit_code(), run::exit_code::cancelled);
}

TEST_F(CancelCommand, WantsToKnowWhich) {
    for (const std::vector<std::string>& argv : {std::vector<std::string>{CCCI_PROGRAM, "cancel"},
                                                 {CCCI_PROGRAM, "cancel", "--all", "1"}}) {
        ProcessUnderTest cancel{argv};
        EXPECT_EQ(cancel.exit_code(), run::exit_code::usage) << cancel.output();
    }
}

}  // namespace
}  // namespace ccci::test
