#include "inspect/report_words.hpp"

#include <fmt/format.h>

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/duration.hpp"
#include "base/text.hpp"

namespace ccci::inspect {

namespace {

using std::chrono::microseconds;

std::string size_text(std::uint64_t bytes) {
    constexpr std::string_view k_units = "BKMGT";
    auto value = static_cast<double>(bytes);
    std::size_t unit = 0;
    for (; value >= 1024 && unit + 1 < k_units.size(); ++unit) {
        value /= 1024;
    }
    return unit == 0 || value >= 100 ? fmt::format("{:.0f}{}", value, k_units[unit])
                                     : fmt::format("{:.1f}{}", value, k_units[unit]);
}

}  // namespace

std::string span_text(run::Time from, run::Time to) {
    return base::format_duration(std::chrono::duration_cast<microseconds>(to - from));
}

std::string deadline_text(const RunReport& report) {
    const run::Record& record = report.record;
    std::string text = base::format_duration(record.deadline);
    if (report.carried && record.started) {
        const auto end =
            *record.started + std::chrono::duration_cast<run::Time::duration>(record.deadline);
        text += end > report.now ? fmt::format(", {} left", span_text(report.now, end)) : ", over";
    }
    return fmt::format("{}; then {} for the teardown", text,
                       base::format_duration(record.teardown_budget));
}

std::string resources_text(const RunReport& report) {
    if (!report.resources) {
        return "";
    }
    const run::Resources& used = *report.resources;
    std::vector<std::string> parts;
    const auto add = [&](const std::string& text) { parts.push_back(text); };
    if (used.cpu) {
        add(fmt::format("cpu {}", base::format_duration(*used.cpu)));
    }
    if (report.current && report.current->memory) {
        add(fmt::format("memory {} now", size_text(*report.current->memory)));
    }
    if (used.memory_peak) {
        add(fmt::format("memory {} at most", size_text(*used.memory_peak)));
    }
    if (report.current && report.current->tasks) {
        add(fmt::format("{} tasks now", *report.current->tasks));
    }
    if (used.tasks_peak) {
        add(fmt::format("{} tasks at most", *used.tasks_peak));
    }
    if (used.io_read || used.io_written) {
        add(fmt::format("read {}, written {}", size_text(used.io_read.value_or(0)),
                        size_text(used.io_written.value_or(0))));
    }
    if (used.oom_kills.value_or(0) > 0) {
        add(fmt::format("{} OOM kill{}", *used.oom_kills, *used.oom_kills == 1 ? "" : "s"));
    }
    return base::join(parts, ", ");
}

std::string pressure_text(const RunReport& report) {
    if (!report.resources) {
        return "";
    }
    std::vector<std::string> parts;
    const auto add = [&](const char* what, const run::Resources::Span& span) {
        if (span) {
            parts.push_back(fmt::format("{} {}", what, base::format_duration(*span)));
        }
    };
    add("cpu", report.resources->cpu_pressure);
    add("memory", report.resources->memory_pressure);
    add("io", report.resources->io_pressure);
    return parts.empty() ? "" : fmt::format("some task waited for {}", base::join(parts, ", "));
}

std::string journal_text(const RunReport& report) {
    if (!report.journal || report.journal->lost() == 0 || report.carried) {
        return "";  // what is on its way is not lost
    }
    return fmt::format("the journal has lost {} of {} lines (rate limit)", report.journal->lost(),
                       report.journal->handed);
}

}  // namespace ccci::inspect
