#include <limits>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "base/text.hpp"
#include "run/json_values.hpp"
#include "run/record.hpp"

namespace ccci::run {

namespace {

using nlohmann::json;

void put_process(json& out, const char* key, const std::optional<ProcessId>& process) {
    if (process) {
        out[key] = {
            {"pid", process->pid}, {"start_ticks", process->start_ticks}, {"boot", process->boot}};
    }
}

std::optional<ProcessId> process_at(const json& in, const char* key) {
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

}  // namespace

void to_json(json& out, const PhaseTime& phase) {
    out = {{"name", phase.name}};
    put(out, "began", std::optional{phase.began});
    put(out, "ended", phase.ended);
}

void from_json(const json& in, PhaseTime& phase) {
    phase.name = in.at("name").get<std::string>();
    phase.began = base::parse_time(in.at("began").get<std::string>());
    phase.ended = time_at(in, "ended");
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
           {"deadline", to_seconds(record.deadline)},
           {"teardown_budget", to_seconds(record.teardown_budget)},
           {"phases", record.phases},
           {"leaked", record.leaked},
           {"note", record.note},
           {"teardown_note", record.teardown_note}};
    put_process(out, "step", record.step);
    put_process(out, "harness", record.harness);
    put(out, "created", record.created);
    put(out, "started", record.started);
    put(out, "job_started", record.job_started);
    put(out, "job_ended", record.job_ended);
    put(out, "ended", record.ended);
    put(out, "journal_lines", record.journal_lines);
    if (record.leaked_more > 0) {
        out["leaked_more"] = record.leaked_more;
    }
    if (record.resources) {
        out["resources"] = *record.resources;
    }
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
    const auto state = state_from(in.at("state").get<std::string>());
    if (!state) {
        throw std::invalid_argument{"unknown state"};
    }
    record.state = *state;
    record.phase = in.at("phase").get<std::string>();
    record.deadline = span_from(in.at("deadline"));
    record.teardown_budget = span_from(in.at("teardown_budget"));
    record.leaked = in.at("leaked").get<std::vector<std::string>>();
    record.leaked_more = count_at(in, "leaked_more").value_or(0);
    record.note = in.at("note").get<std::string>();
    record.step = process_at(in, "step");
    record.harness = process_at(in, "harness");
    record.created = time_at(in, "created");
    record.started = time_at(in, "started");
    record.job_started = time_at(in, "job_started");
    record.job_ended = time_at(in, "job_ended");
    record.ended = time_at(in, "ended");
    record.phases = in.value("phases", std::vector<PhaseTime>{});
    record.teardown_note = in.value("teardown_note", "");
    record.journal_lines = count_at(in, "journal_lines");
    record.resources = std::nullopt;
    if (const auto resources = in.find("resources"); resources != in.end()) {
        record.resources = resources->get<Resources>();
    }
    record.clean = std::nullopt;
    if (const auto clean = in.find("clean"); clean != in.end()) {
        record.clean = clean->get<bool>();
    }
    record.verdict = std::nullopt;
    if (const auto result = in.find("result"); result != in.end()) {
        record.verdict = result->get<Verdict>();
    }
}

}  // namespace ccci::run
