#include "run/usage.hpp"

#include <sys/resource.h>

#include <charconv>
#include <string>
#include <string_view>
#include <system_error>

#include "base/files.hpp"
#include "base/text.hpp"

namespace ccci::run {

namespace {

namespace fs = std::filesystem;
using Count = std::optional<std::uint64_t>;

std::string text_of(const fs::path& file) {
    try {
        return base::try_read_file(file).value_or("");
    } catch (const std::system_error&) {
        return "";  // the controller is not there, or the cgroup is gone by now
    }
}

Count number(std::string_view text) {
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) {
        return std::nullopt;
    }
    return value;
}

Count whole(const fs::path& file) {
    const std::string text = text_of(file);
    return number(base::trim(text));
}

/// Of all words "key=value" or pairs of words "key value" the sum; nullopt: there is none.
Count sum(std::string_view text, std::string_view key) {
    Count total;
    for (std::size_t at = text.find(key); at != std::string_view::npos;
         at = text.find(key, at + key.size())) {
        const bool is_word = at == 0 || text[at - 1] == ' ' || text[at - 1] == '\n';
        const std::string_view value = text.substr(at + key.size());
        if (const auto found = number(value.substr(0, value.find_first_of(" \n")));
            found && is_word) {
            total = total.value_or(0) + *found;
        }
    }
    return total;
}

Resources::Span span_of(const Count& count) {
    if (!count) {
        return std::nullopt;
    }
    return std::chrono::microseconds{*count};
}

Resources::Span pressure(const fs::path& file) {
    const std::string text = text_of(file);
    const std::string_view some = std::string_view{text}.substr(0, text.find('\n'));
    return some.starts_with("some ") ? span_of(sum(some, "total=")) : std::nullopt;
}

std::chrono::microseconds time_of(int whose) {
    rusage usage{};
    (void)::getrusage(whose, &usage);
    return std::chrono::seconds{usage.ru_utime.tv_sec + usage.ru_stime.tv_sec} +
           std::chrono::microseconds{usage.ru_utime.tv_usec + usage.ru_stime.tv_usec};
}

}  // namespace

Resources usage_of(const fs::path& cgroup) {
    const std::string io = text_of(cgroup / "io.stat");
    return {.cpu = span_of(sum(text_of(cgroup / "cpu.stat"), "usage_usec ")),
            .memory_peak = whole(cgroup / "memory.peak"),
            .tasks_peak = whole(cgroup / "pids.peak"),
            .io_read = sum(io, "rbytes="),
            .io_written = sum(io, "wbytes="),
            .oom_kills = sum(text_of(cgroup / "memory.events"), "oom_kill "),
            .cpu_pressure = pressure(cgroup / "cpu.pressure"),
            .memory_pressure = pressure(cgroup / "memory.pressure"),
            .io_pressure = pressure(cgroup / "io.pressure")};
}

Resources own_usage() {
    return {.cpu = time_of(RUSAGE_SELF) + time_of(RUSAGE_CHILDREN)};
}

Current current_of(const fs::path& cgroup) {
    return {whole(cgroup / "memory.current"), whole(cgroup / "pids.current")};
}

}  // namespace ccci::run
