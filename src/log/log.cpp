#include "log/log.hpp"

#include <fmt/format.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/sinks/systemd_sink.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>

namespace ccci::log {

namespace {

/// systemd.exec(5): $JOURNAL_STREAM names the journal's socket by device and inode; it is
/// inherited, so only what stderr really is counts.
bool stderr_is_the_journal() {
    const char* stream = std::getenv("JOURNAL_STREAM");
    struct stat info {};
    return stream != nullptr && ::fstat(STDERR_FILENO, &info) == 0 &&
           fmt::format("{}:{}", info.st_dev, info.st_ino) == stream;
}

}  // namespace

std::shared_ptr<spdlog::logger> make_log() {
    std::shared_ptr<spdlog::sinks::sink> sink;
    if (stderr_is_the_journal()) {
        sink = std::make_shared<spdlog::sinks::systemd_sink_st>();
        sink->set_pattern("%v");
    } else {
        sink = std::make_shared<spdlog::sinks::stderr_sink_st>();
        sink->set_pattern("cc-ci: %v");
    }
    return std::make_shared<spdlog::logger>("cc-ci", std::move(sink));
}

}  // namespace ccci::log
