#include "harness/resources.hpp"

#include <sys/resource.h>

#include <charconv>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

#include "base/files.hpp"
#include "base/text.hpp"

namespace ccci::harness {

namespace {

using std::chrono::microseconds;
using Count = run::Resources::Count;
using Span = run::Resources::Span;

std::string read(const std::filesystem::path& file) {
    try {
        return base::try_read_file(file, 65536).value_or("");
    } catch (const std::system_error&) {
        return "";  // some kernels have the file of a pressure that they do not measure
    }
}

Count number(std::string_view text) {
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc{} && end == text.data() + text.size() ? Count{value} : std::nullopt;
}

Span span(Count count) {
    return count ? Span{microseconds{static_cast<std::int64_t>(*count)}} : std::nullopt;
}

/// "key 12" lines, as cpu.stat and memory.events have them.
Count value_of(const std::string& text, std::string_view key) {
    for (const std::string& line : base::split(text, '\n')) {
        if (line.size() > key.size() && line.starts_with(key) && line[key.size()] == ' ') {
            return number(std::string_view{line}.substr(key.size() + 1));
        }
    }
    return std::nullopt;
}

/// "8:0 rbytes=1 wbytes=2 ..." of each device, added up.
Count sum_of(const std::string& text, std::string_view key) {
    Count sum;
    for (const std::string& line : base::split(text, '\n')) {
        for (const std::string& word : base::split(line, ' ')) {
            if (word.starts_with(key)) {
                const Count value = number(std::string_view{word}.substr(key.size()));
                sum = value ? sum.value_or(0) + *value : sum;
            }
        }
    }
    return sum;
}

/// "some avg10=0.00 avg60=0.00 avg300=0.00 total=12": microseconds.
Span pressure(const std::filesystem::path& file) {
    for (const std::string& line : base::split(read(file), '\n')) {
        if (line.starts_with("some ")) {
            return span(sum_of(line, "total="));
        }
    }
    return std::nullopt;
}

microseconds time_of(int whose) {
    rusage usage{};
    (void)::getrusage(whose, &usage);
    return std::chrono::seconds{usage.ru_utime.tv_sec + usage.ru_stime.tv_sec} +
           microseconds{usage.ru_utime.tv_usec + usage.ru_stime.tv_usec};
}

}  // namespace

run::Resources read_resources(const std::filesystem::path& cgroup) {
    const std::string io = read(cgroup / "io.stat");
    return {.cpu = span(value_of(read(cgroup / "cpu.stat"), "usage_usec")),
            .memory_peak = number(base::trim(read(cgroup / "memory.peak"))),
            .tasks_peak = number(base::trim(read(cgroup / "pids.peak"))),
            .io_read = sum_of(io, "rbytes="),
            .io_written = sum_of(io, "wbytes="),
            .oom_kills = value_of(read(cgroup / "memory.events"), "oom_kill"),
            .cpu_pressure = pressure(cgroup / "cpu.pressure"),
            .memory_pressure = pressure(cgroup / "memory.pressure"),
            .io_pressure = pressure(cgroup / "io.pressure")};
}

run::Resources own_resources() {
    return {.cpu = time_of(RUSAGE_SELF) + time_of(RUSAGE_CHILDREN)};
}

}  // namespace ccci::harness
