#pragma once

#include <spdlog/logger.h>

#include <memory>

namespace ccci::log {

/// Where messages for people go: into the journal, with their level, when systemd started this
/// process for itself; else to stderr, a line each, as cc-ci speaks.
std::shared_ptr<spdlog::logger> make_log();

}  // namespace ccci::log
