#pragma once

#include <curl/curl.h>

#include <filesystem>
#include <memory>

#include "engine/engine_error.hpp"

namespace ccci::engine {

// libcurl's handles are all void*, so each kind needs a deleter type of its own.
struct EasyCleanup {
    void operator()(CURL* handle) const noexcept { ::curl_easy_cleanup(handle); }
};
struct MultiCleanup {
    void operator()(CURLM* handle) const noexcept { (void)::curl_multi_cleanup(handle); }
};
struct ListCleanup {
    void operator()(curl_slist* list) const noexcept { ::curl_slist_free_all(list); }
};
using EasyHandle = std::unique_ptr<CURL, EasyCleanup>;
using MultiHandle = std::unique_ptr<CURLM, MultiCleanup>;
using HeaderList = std::unique_ptr<curl_slist, ListCleanup>;

EasyHandle make_easy_handle();

/// Forgets all options of earlier requests (not the connection) and sets those that every request
/// has: this socket and no other way (which also rules out a proxy from the environment), plain
/// HTTP, no signals, close-on-exec. Redirects are not followed.
void prepare(CURL* handle, const std::filesystem::path& socket);

/// What a failed transfer means, in words; `request` is "GET /services".
EngineError transfer_error(CURL* handle, CURLcode code, const std::filesystem::path& socket,
                           const std::string& request);

}  // namespace ccci::engine
