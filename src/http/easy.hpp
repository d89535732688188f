#pragma once

#include <curl/curl.h>

#include <memory>

#include "http/message.hpp"

namespace ccci::http {

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

/// Both throw std::bad_alloc. For the second this process has no other threads.
EasyHandle make_easy_handle();
MultiHandle make_multi_handle();

/// Those of the request, and none that libcurl would wait for an answer to.
HeaderList make_headers(const Request& request);

/// What every transfer has: HTTP and nothing else, no redirects, no signals, close-on-exec sockets.
void prepare(CURL* handle);

/// The same for a request, whatever waits for its answer, with its method, headers and body.
/// `request` and `headers` are borrowed until the transfer ends; what the answer has is put into
/// `answer`, up to a limit.
void prepare(CURL* handle, const Request& request, const HeaderList& headers, Answer& answer);

}  // namespace ccci::http
