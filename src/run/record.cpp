#include "run/record.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <limits>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <utility>

#include "base/descendants.hpp"
#include "base/duration.hpp"
#include "base/text.hpp"

namespace ccci::run {

namespace {

using nlohmann::json;

constexpr std::array<std::pair<State, const char*>, 5> k_states{{
    {State::waiting, "waiting"},
    {State::starting, "starting"},
    {State::running, "running"},
    {State::tearing_down, "tearing-down"},
    {State::ended, "ended"},
}};

double seconds(std::chrono::microseconds span) {
    return static_cast<double>(span.count()) / 1e6;
}

std::chrono::microseconds span(const json& value) {
    const double length = value.get<double>();
    if (!(length >= 0 && length <= seconds(base::k_longest_span))) {
        throw std::invalid_argument{"no span of time"};
    }
    return std::chrono::microseconds{static_cast<std::int64_t>(length * 1e6 + 0.5)};
}

void put(json& out, const char* key, const std::optional<Time>& time) {
    if (time) {
        out[key] = base::format_time(*time);
    }
}

void put(json& out, const char* key, const std::optional<ProcessId>& process) {
    if (process) {
        out[key] = {
            {"pid", process->pid}, {"start_ticks", process->start_ticks}, {"boot", process->boot}};
    }
}

std::optional<Time> time(const json& in, const char* key) {
    const auto found = in.find(key);
    if (found == in.end()) {
        return std::nullopt;
    }
    return base::parse_time(found->get<std::string>());
}

std::optional<ProcessId> process(const json& in, const char* key) {
    const auto found = in.find(key);
    if (found == in.end()) {
        return std::nullopt;
    }
    const json& pid = found->at("pid");
    const json& ticks = found->at("start_ticks");
    if (!pid.is_number_integer() || pid < 0 || pid > std::numeric_limits<pid_t>::max() ||
        !ticks.is_number_integer() || ticks < 0) {
        throw std::invalid_argument{"no process"};
    }
    return ProcessId{.pid = pid.get<pid_t>(),
                     .start_ticks = ticks.get<std::uint64_t>(),
                     .boot = found->value("boot", "")};
}

State state_from(const std::string& name) {
    for (const auto& [state, known] : k_states) {
        if (known == name) {
            return state;
        }
    }
    throw std::invalid_argument{"unknown state"};
}

}  // namespace

std::string to_string(State state) {
    for (const auto& [known, name] : k_states) {
        if (known == state) {
            return name;
        }
    }
    return "unknown";
}

bool ProcessId::is_alive() const {
    return boot == base::boot_id() && base::is_alive(pid, start_ticks);
}

ProcessId ProcessId::own() {
    const pid_t pid = ::getpid();
    const auto facts = base::process_facts(pid);
    return {pid, facts ? facts->start_ticks : 0, base::boot_id()};
}

void to_json(json& out, const Record& record) {
    out = {{"version", 1},
           {"run", record.run},
           {"domain", record.domain},
           {"unit", record.unit},
           {"manager", record.manager},
           {"invocation", record.invocation},
           {"user", record.user},
           {"job", record.job},
           {"state", to_string(record.state)},
           {"phase", record.phase},
           {"deadline", seconds(record.deadline)},
           {"teardown_budget", seconds(record.teardown_budget)},
           {"leaked", record.leaked},
           {"note", record.note}};
    put(out, "step", record.step);
    put(out, "harness", record.harness);
    put(out, "created", record.created);
    put(out, "started", record.started);
    put(out, "job_ended", record.job_ended);
    put(out, "ended", record.ended);
    if (record.clean) {
        out["clean"] = *record.clean;
    }
    if (record.verdict) {
        out["result"] = *record.verdict;
    }
}

void from_json(const json& in, Record& record) {
    if (in.at("version") != 1) {
        throw std::invalid_argument{"unknown version of run.json"};
    }
    record.run = in.at("run").get<std::string>();
    record.domain = in.at("domain").get<std::string>();
    record.unit = in.at("unit").get<std::string>();
    record.manager = in.at("manager").get<std::string>();
    record.invocation = in.at("invocation").get<std::string>();
    record.user = in.at("user").get<std::string>();
    record.job = in.at("job").get<std::string>();
    record.state = state_from(in.at("state").get<std::string>());
    record.phase = in.at("phase").get<std::string>();
    record.deadline = span(in.at("deadline"));
    record.teardown_budget = span(in.at("teardown_budget"));
    record.leaked = in.at("leaked").get<std::vector<std::string>>();
    record.note = in.at("note").get<std::string>();
    record.step = process(in, "step");
    record.harness = process(in, "harness");
    record.created = time(in, "created");
    record.started = time(in, "started");
    record.job_ended = time(in, "job_ended");
    record.ended = time(in, "ended");
    record.clean = std::nullopt;
    if (const auto clean = in.find("clean"); clean != in.end()) {
        record.clean = clean->get<bool>();
    }
    record.verdict = std::nullopt;
    if (const auto result = in.find("result"); result != in.end()) {
        record.verdict = result->get<Verdict>();
    }
}

bool came_before(const Record& one, const Record& other) {
    const auto key = [](const Record& record) {
        const Time created = record.created.value_or(Time{});
        return std::pair{std::chrono::floor<std::chrono::milliseconds>(created), record.run};
    };
    return key(one) < key(other);
}

std::optional<Time> latest_end(const Record& record) {
    if (!record.started) {
        return std::nullopt;
    }
    // After the deadline comes the stop, then ExecStopPost, each within the budget.
    // The clock ends in 2262: three of the longest spans would be too much for it, and one of them
    // for a start that a damaged record puts in the next century.
    const auto most = std::chrono::duration_cast<Time::duration>(
        std::min(record.deadline + 2 * record.teardown_budget, base::k_longest_span));
    return *record.started > Time::max() - most ? Time::max() : *record.started + most;
}

}  // namespace ccci::run
