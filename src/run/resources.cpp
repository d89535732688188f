#include "run/resources.hpp"

#include <nlohmann/json.hpp>
#include <stdexcept>

#include "run/json_values.hpp"

namespace ccci::run {

using nlohmann::json;

void to_json(json& out, const Resources& resources) {
    out = json::object();
    put(out, "cpu", resources.cpu);
    put(out, "memory_peak", resources.memory_peak);
    put(out, "tasks_peak", resources.tasks_peak);
    put(out, "io_read", resources.io_read);
    put(out, "io_written", resources.io_written);
    put(out, "oom_kills", resources.oom_kills);
    put(out, "cpu_pressure", resources.cpu_pressure);
    put(out, "memory_pressure", resources.memory_pressure);
    put(out, "io_pressure", resources.io_pressure);
}

void from_json(const json& in, Resources& resources) {
    if (!in.is_object()) {
        throw std::invalid_argument{"no resources"};
    }
    resources = {.cpu = span_at(in, "cpu"),
                 .memory_peak = count_at(in, "memory_peak"),
                 .tasks_peak = count_at(in, "tasks_peak"),
                 .io_read = count_at(in, "io_read"),
                 .io_written = count_at(in, "io_written"),
                 .oom_kills = count_at(in, "oom_kills"),
                 .cpu_pressure = span_at(in, "cpu_pressure"),
                 .memory_pressure = span_at(in, "memory_pressure"),
                 .io_pressure = span_at(in, "io_pressure")};
}

}  // namespace ccci::run
