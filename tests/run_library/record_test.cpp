#include "run/record.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <nlohmann/json.hpp>
#include <random>
#include <stdexcept>

#include "base/files.hpp"
#include "base/text.hpp"
#include "support/json_schema.hpp"

namespace ccci::run {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;

Record example() {
    Record record;
    record.run = "267";
    record.domain = "immi-ad3e33.ci.example.net";
    record.unit = "cc-ci-run-267.service";
    record.manager = "system";
    record.invocation = "0123456789abcdef";
    record.user = "root";
    record.job = "recipe immich#2";
    record.state = State::ended;
    record.step = ProcessId{4711, 123456789012, "7c1a"};
    record.harness = ProcessId{4712, 123456789013, "7c1a"};
    record.created = base::parse_time("2026-03-01T09:22:30.001Z");
    record.started = base::parse_time("2026-03-01T09:22:31.002Z");
    record.job_started = base::parse_time("2026-03-01T09:22:31.102Z");
    record.job_ended = base::parse_time("2026-03-01T09:23:31.003Z");
    record.ended = base::parse_time("2026-03-01T09:23:32.004Z");
    record.deadline = 60min;
    record.teardown_budget = 2500ms;
    record.phase = "teardown";
    record.clean = false;
    record.leaked = {"sleep 60", "sh -c \"x\""};
    record.leaked_more = 3;
    record.note = "level 4 of 5";
    record.teardown_note = "removed 1 service in 1s; nothing left";
    record.journal_lines = 1234;
    record.phases = {{"install", *record.job_started, record.job_ended},
                     {"teardown", *record.job_ended}};
    record.resources = Resources{.cpu = 2500ms,
                                 .memory_peak = std::uint64_t{3} << 32,
                                 .tasks_peak = 12,
                                 .io_read = 4096,
                                 .io_written = 8192,
                                 .oom_kills = 1,
                                 .cpu_pressure = 10ms,
                                 .memory_pressure = 20ms,
                                 .io_pressure = 30ms};
    record.verdict = Verdict{VerdictKind::failed, 7, "the job exited with 7"};
    return record;
}

TEST(RecordTest, NamesLeaksAsFarAsThereIsRoom) {
    Record record;
    note_leaks(record, std::vector<std::string>(15, "sleep"), 0);
    EXPECT_EQ(record.leaked.size(), 15U);
    EXPECT_EQ(record.leaked_more, 0U);

    note_leaks(record, std::vector<std::string>(10, "more"), 100);
    EXPECT_EQ(record.leaked.size(), k_most_leaked_named);
    EXPECT_EQ(record.leaked.back(), "more");
    EXPECT_EQ(record.leaked_more, 105U);
}

TEST(RecordTest, IsReadBackAsItWasWritten) {
    EXPECT_EQ(json(example()).get<Record>(), example());
    EXPECT_EQ(json(Record{}).get<Record>(), Record{});
    for (const State state :
         {State::waiting, State::starting, State::running, State::tearing_down, State::ended}) {
        Record record = example();
        record.state = state;
        EXPECT_EQ(json(record).get<Record>(), record) << to_string(state);
    }
}

// Each run compares its own record with what the other one's file says.
TEST(CameBeforeTest, NeverHoldsBothWays) {
    const auto created = [](const char* id, const Time& time) {
        Record record = example();
        record.run = id;
        record.created = time;
        return record;
    };
    const auto in_file = [](const Record& record) { return json(record).get<Record>(); };
    const Time time = base::parse_time("2026-03-01T09:22:30.001Z");
    const Record early = created("301", time + 100us);
    const Record late = created("300", time + 900us);
    const Record later = created("299", time + 1ms);

    // Within one millisecond the id decides, since a file does not say more.
    EXPECT_TRUE(came_before(in_file(late), early));
    EXPECT_FALSE(came_before(in_file(early), late));
    EXPECT_TRUE(came_before(in_file(early), later));
    EXPECT_FALSE(came_before(in_file(later), early));
    EXPECT_FALSE(came_before(in_file(early), early));
}

TEST(RecordTest, ForgetsWhatAnOlderOneKnew) {
    Record record = example();

    json(Record{}).get_to(record);

    EXPECT_EQ(record, Record{});
}

TEST(RecordTest, IsRefusedWithoutAnyOfItsKeys) {
    json whole(Record{});
    // Records of an earlier cc-ci have none of these.
    whole.erase("phases");
    whole.erase("teardown_note");
    EXPECT_EQ(whole.get<Record>(), Record{});
    for (const auto& [key, value] : whole.items()) {
        json damaged = whole;
        damaged.erase(key);
        EXPECT_THROW((void)damaged.get<Record>(), std::exception) << key;
    }
}

TEST(RecordTest, IsDescribedByItsSchema) {
    const test::JsonSchema schema{json::parse(
        base::try_read_file(CCCI_SOURCE_DIR "/docs/schemas/run.schema.json").value_or(""))};

    EXPECT_EQ(schema.first_error(json(example())), "");
    EXPECT_EQ(schema.first_error(json(Record{})), "");
}

TEST(ResourcesTest, AreRefusedWithAWrongTypeAnywhere) {
    const json whole(*example().resources);
    EXPECT_EQ(whole.size(), 9U);
    for (const auto& [key, value] : whole.items()) {
        for (const json& wrong : {json(nullptr), json("x"), json(-1)}) {
            json damaged = whole;
            damaged[key] = wrong;
            EXPECT_THROW((void)damaged.get<Resources>(), std::exception) << key << wrong;
        }
    }
}

TEST(RecordTest, IsRefusedWithAWrongTypeAnywhere) {
    const json whole(example());
    for (const auto& [key, value] : whole.items()) {
        for (const json& wrong : {json(nullptr), json(json::object()), json("x"), json(-1)}) {
            if (wrong.type() == value.type()) {
                continue;
            }
            json damaged = whole;
            damaged[key] = wrong;
            if (value.is_number() && wrong.is_number() && key != "version") {
                continue;
            }
            EXPECT_THROW((void)damaged.get<Record>(), std::exception) << key << wrong;
        }
    }
}

TEST(RecordTest, IsRefusedWithProcessesThatNoKernelHas) {
    for (const json& number : {json(-1), json(1e300), json(1.5), json(true), json("1")}) {
        for (const char* key : {"pid", "start_ticks"}) {
            json damaged(example());
            damaged["step"][key] = number;
            EXPECT_THROW((void)damaged.get<Record>(), std::exception) << key << number;
        }
    }
    json damaged(example());
    damaged["harness"]["pid"] = std::int64_t{1} << 32;
    EXPECT_THROW((void)damaged.get<Record>(), std::exception);
}

TEST(RecordTest, IsRefusedWithTimesThatNoClockHas) {
    const json whole(example());
    for (const auto& [key, value] :
         std::vector<std::pair<std::string, json>>{{"deadline", 1e300},
                                                   {"deadline", -1},
                                                   {"teardown_budget", 1e18},
                                                   {"teardown_budget", -0.5},
                                                   {"started", "9999-12-31T23:59:59Z"},
                                                   {"ended", "0001-01-01T00:00:00Z"},
                                                   {"created", "yesterday"},
                                                   {"state", "sleeping"},
                                                   {"version", 2}}) {
        json damaged = whole;
        damaged[key] = value;
        EXPECT_THROW((void)damaged.get<Record>(), std::exception) << key << value;
    }
}

TEST(RecordTest, SurvivesEveryDamage) {
    const std::string good = json(example()).dump();
    std::minstd_rand random{29};
    int understood = 0;
    for (int round = 0; round < 5000; ++round) {
        std::string text = good;
        for (auto changes = 1 + random() % 3; changes > 0; --changes) {
            text[random() % text.size()] = static_cast<char>(random());
        }
        try {
            (void)latest_end(json::parse(text).get<Record>());
            ++understood;
        } catch (const std::exception&) {
            continue;
        }
    }
    EXPECT_GT(understood, 100) << "the damage was too great to tell anything";
}

TEST(RecordTest, KnowsTheLastMomentOfItsRun) {
    Record record = example();
    record.deadline = 60min;
    record.teardown_budget = 10min;

    EXPECT_EQ(latest_end(record), *record.started + 80min);
    record.deadline = 36500 * 24h;
    record.teardown_budget = 36500 * 24h;
    EXPECT_EQ(latest_end(record), *record.started + 36500 * 24h) << "the clock has an end";
    record.started = Time::max() - 24h;
    EXPECT_EQ(latest_end(record), Time::max());
    record.started.reset();
    EXPECT_FALSE(latest_end(record));
}

TEST(ProcessIdTest, IsAliveOnlyAsTheVeryProcess) {
    const ProcessId own = ProcessId::own();

    EXPECT_EQ(own.pid, ::getpid());
    EXPECT_TRUE(own.is_alive());
    EXPECT_FALSE((ProcessId{own.pid, own.start_ticks + 1, own.boot}).is_alive());
    EXPECT_FALSE(ProcessId{}.is_alive());
    EXPECT_FALSE((ProcessId{-1, own.start_ticks, own.boot}).is_alive());
}

// Pids and clock ticks begin anew with each boot.
TEST(ProcessIdTest, IsNobodyOfAnotherBoot) {
    const ProcessId own = ProcessId::own();
    EXPECT_EQ(own.boot.size(), 36U);

    EXPECT_FALSE((ProcessId{own.pid, own.start_ticks, "another"}).is_alive());
}

TEST(ProcessIdTest, IsNobodyInARecordThatDoesNotNameTheBoot) {
    Record record = example();
    record.step = ProcessId::own();
    json older(record);
    older.at("step").erase("boot");

    EXPECT_TRUE(json(record).get<Record>().step->is_alive());
    EXPECT_FALSE(older.get<Record>().step->is_alive());
}

}  // namespace
}  // namespace ccci::run
