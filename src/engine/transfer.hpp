#pragma once

#include <curl/curl.h>

#include <filesystem>

#include "engine/engine_error.hpp"

namespace ccci::engine {

/// Forgets all options of earlier requests (not the connection) and sets those that every request
/// has: this socket and no other way (which also rules out a proxy from the environment), plain
/// HTTP, and what http::prepare() sets.
void prepare(CURL* handle, const std::filesystem::path& socket);

/// What a failed transfer means, in words; `request` is "GET /services".
EngineError transfer_error(CURL* handle, CURLcode code, const std::filesystem::path& socket,
                           const std::string& request);

}  // namespace ccci::engine
