#include <nlohmann/json.hpp>

#include "base/descendants.hpp"
#include "locks/lock_queue.hpp"
#include "scenarios/scenario.hpp"
#include "support/json_schema.hpp"
#include "support/readiness.hpp"

namespace ccci::test {
namespace {

using nlohmann::json;

class LocksCommand : public Scenario {
protected:
    static json locks() {
        const auto out = base::run_and_capture({.argv = {CCCI_PROGRAM, "locks", "--json"}});
        EXPECT_EQ(out.status.code, 0) << out.text;
        json whole = json::parse(out.text);
        const JsonSchema schema{json::parse(
            base::try_read_file(CCCI_SOURCE_DIR "/docs/schemas/locks.schema.json").value())};
        EXPECT_EQ(schema.first_error(whole), "") << whole.dump(2);
        return whole.at("locks");
    }

    static std::string table() {
        return base::run_and_capture({.argv = {CCCI_PROGRAM, "locks"}}).text;
    }

    /// "held by a: b, c"
    static std::string sentence() {
        const json all = locks();
        if (all.size() != 1) {
            return all.dump();
        }
        std::string text = all[0].at("state");
        text += " by " + all[0].value("/holder/run"_json_pointer, std::string{"nobody"}) + ":";
        for (const json& waiter : all[0].at("waiters")) {
            text += " " + waiter.value("run", std::string{"?"});
        }
        return text;
    }

    /// By the kernel's table.
    static bool is_seen_to_wait(const ProcessUnderTest& run) {
        for (const locks::LockQueue& queue : locks::read_lock_table()) {
            for (const pid_t pid : queue.waiters) {
                const auto facts = base::process_facts(pid);
                if (facts && facts->parent == run.pid()) {
                    return true;
                }
            }
        }
        return false;
    }

    std::unique_ptr<ProcessUnderTest> begin(const std::string& id, const std::string& sign) const {
        auto run = std::make_unique<ProcessUnderTest>(
            domain_argv({"--run-id", id}, "echo at work; cat $MARKS/" + id));
        EXPECT_TRUE(run->wait_for(sign)) << run->output();
        return run;
    }

    void make_fifo(const std::string& id) const {
        ASSERT_EQ(::mkfifo((marks_ / id).c_str(), 0600), 0);
    }
    void end(const std::string& id) const { (void)base::open_file(marks_ / id, O_WRONLY); }
};

TEST_F(LocksCommand, SaysNothingOfAnEmptyDirectory) {
    EXPECT_TRUE(locks().empty());
    EXPECT_EQ(table(), "no locks\n");
}

// In a container the kernel hides the queue of a lock whose taker is dead, as it is after a wait:
// then it is the order of their start.
TEST_F(LocksCommand, ShowsTheHolderAndTheQueueInItsOrder) {
    for (const char* id : {"lock-1", "lock-2", "lock-3", "lock-4"}) {
        make_fifo(id);
    }
    const auto first = begin("lock-1", "at work");
    // Each says that it waits, and then gets into the kernel's queue.
    std::string queue = "held by lock-1:";
    const auto begin_waiting = [&](const std::string& id) {
        auto run = begin(id, "waiting for");
        queue += " " + id;
        EXPECT_TRUE(eventually([&] { return sentence() == queue; })) << sentence();
        return run;
    };
    const auto second = begin_waiting("lock-2");
    const auto third = begin_waiting("lock-3");
    const auto fourth = begin_waiting("lock-4");
    EXPECT_NE(table().find("waiting  lock-2"), std::string::npos) << table();

    // Now one waits for the new file, and one for the old one that the former has.
    end("lock-1");
    EXPECT_EQ(first->exit_code(), 0);
    ASSERT_TRUE(second->wait_for("at work"));
    EXPECT_TRUE(eventually([] { return sentence() == "held by lock-2: lock-3 lock-4"; }))
        << sentence();
    const json lock = locks()[0];
    EXPECT_TRUE(lock.at("kernel_order") || !is_seen_to_wait(*third) || !is_seen_to_wait(*fourth))
        << lock.dump(2);
    EXPECT_TRUE(lock.at("holder").contains("until")) << lock.dump(2);
    EXPECT_FALSE(lock.at("leftover"));

    for (const auto& [id, run] :
         {std::pair{"lock-2", &second}, {"lock-3", &third}, {"lock-4", &fourth}}) {
        ASSERT_TRUE((*run)->wait_for("at work"));
        end(id);
        EXPECT_EQ((*run)->exit_code(), 0);
    }
    EXPECT_TRUE(eventually([] { return locks().empty(); }));
}

TEST_F(LocksCommand, TellsWhatARunLeftBehind) {
    const auto path = locks::lock_path(locks_, k_domain);
    base::write_file_atomically(
        path,
        R"({"run":"266","unit":"","invocation":"","user":"ci","since":"2026-03-01T09:22:30.125Z"})",
        0600);

    const json lock = locks().at(0);

    EXPECT_EQ(lock.at("state"), "free");
    EXPECT_TRUE(lock.at("leftover"));
    EXPECT_EQ(lock.at("holder").at("run"), "266");
    EXPECT_NE(table().find("left by a run that did not finish"), std::string::npos) << table();
    EXPECT_TRUE(std::filesystem::exists(path));
}

TEST_F(LocksCommand, SaysWhyItDoesNotKnow) {
    base::write_file_atomically(locks::lock_path(locks_, k_domain), "", 0644);

    const json lock = locks().at(0);

    EXPECT_EQ(lock.at("state"), "unknown");
    EXPECT_NE(lock.at("reason").get<std::string>().find("mode 0644"), std::string::npos);
}

}  // namespace
}  // namespace ccci::test
