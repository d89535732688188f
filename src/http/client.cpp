#include "http/client.hpp"

#include <fmt/format.h>

#include "http/easy.hpp"

namespace ccci::http {

namespace {

/// Before there was a connection that is trusted, no byte of a request was sent.
bool may_have_been_sent(CURLcode code) {
    switch (code) {
        case CURLE_UNSUPPORTED_PROTOCOL:
        case CURLE_URL_MALFORMAT:
        case CURLE_COULDNT_RESOLVE_PROXY:
        case CURLE_COULDNT_RESOLVE_HOST:
        case CURLE_COULDNT_CONNECT:
        case CURLE_SSL_CONNECT_ERROR:
        case CURLE_PEER_FAILED_VERIFICATION:
            return false;
        default:
            return true;
    }
}

}  // namespace

struct Client::Handle {
    EasyHandle curl = make_easy_handle();
    std::chrono::milliseconds limit;
};

Client::Client(std::chrono::milliseconds limit)
    : handle_{std::make_unique<Handle>(Handle{.limit = limit})} {}

Client::Client(Client&&) noexcept = default;
Client& Client::operator=(Client&&) noexcept = default;
Client::~Client() = default;

Answer Client::send(const Request& request) {
    CURL* curl = handle_->curl.get();
    ::curl_easy_reset(curl);
    Answer answer;
    const HeaderList headers = make_headers(request);
    prepare(curl, request, headers, answer);
    (void)::curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, static_cast<long>(handle_->limit.count()));
    if (request.method != "GET") {
        // On a connection that was kept, and that the server closes without an answer, libcurl
        // sends a request once more by itself; what changes something must not be done twice.
        (void)::curl_easy_setopt(curl, CURLOPT_FRESH_CONNECT, 1L);
    }
    const CURLcode code = ::curl_easy_perform(curl);
    if (code != CURLE_OK) {
        throw NoAnswer{
            fmt::format("{} {}: {}", request.method, request.url, ::curl_easy_strerror(code)),
            may_have_been_sent(code)};
    }
    (void)::curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &answer.status);
    return answer;
}

}  // namespace ccci::http
