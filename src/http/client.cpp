#include "http/client.hpp"

#include <curl/curl.h>
#include <fmt/format.h>
#include <sys/socket.h>

#include <algorithm>
#include <new>

#include "base/text.hpp"

namespace ccci::http {

namespace {

/// No answer of an API that is asked for one thing comes near.
constexpr std::size_t k_longest_body = std::size_t{8} << 20;

struct ListCleanup {
    void operator()(curl_slist* list) const noexcept { ::curl_slist_free_all(list); }
};
using HeaderList = std::unique_ptr<curl_slist, ListCleanup>;

std::size_t keep(char* data, std::size_t, std::size_t size, void* body) {
    auto& text = *static_cast<std::string*>(body);
    if (text.size() + size > k_longest_body) {
        return 0;
    }
    text.append(data, size);
    return size;
}

std::size_t keep_header(char* data, std::size_t, std::size_t size, void* headers) {
    const std::string_view line{data, size};
    auto& kept = *static_cast<std::map<std::string, std::string>*>(headers);
    const std::size_t colon = line.find(':');
    if (line.starts_with("HTTP/")) {
        kept.clear();  // a proxy's answer, or an interim one, came before
    } else if (colon != std::string_view::npos) {
        std::string name{line.substr(0, colon)};
        std::ranges::transform(name, name.begin(), [](char c) {
            return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
        });
        kept[name] = base::trim(line.substr(colon + 1));
    }
    return size;
}

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

// libcurl's own socket() has no close-on-exec.
curl_socket_t open_socket(void*, curlsocktype, curl_sockaddr* address) {
    return ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

HeaderList make_headers(const Request& request) {
    HeaderList list;
    const auto add = [&](const std::string& header) {
        curl_slist* longer = ::curl_slist_append(list.get(), header.c_str());
        if (longer == nullptr) {
            throw std::bad_alloc{};
        }
        (void)list.release();
        list.reset(longer);
    };
    for (const std::string& header : request.headers) {
        add(header);
    }
    add("Expect:");  // no second round trip before a body
    return list;
}

}  // namespace

struct Client::Handle {
    struct Cleanup {
        void operator()(CURL* handle) const noexcept { ::curl_easy_cleanup(handle); }
    };
    std::unique_ptr<CURL, Cleanup> curl;
    std::chrono::milliseconds limit;
};

Client::Client(std::chrono::milliseconds limit) {
    static const CURLcode k_initialised = ::curl_global_init(CURL_GLOBAL_DEFAULT);
    handle_ = std::make_unique<Handle>();
    handle_->limit = limit;
    if (k_initialised == CURLE_OK) {
        handle_->curl.reset(::curl_easy_init());
    }
    if (!handle_->curl) {
        throw std::bad_alloc{};
    }
}

Client::Client(Client&&) noexcept = default;
Client& Client::operator=(Client&&) noexcept = default;
Client::~Client() = default;

Answer Client::send(const Request& request) {
    CURL* curl = handle_->curl.get();
    ::curl_easy_reset(curl);
    Answer answer;
    const HeaderList headers = make_headers(request);
    (void)::curl_easy_setopt(curl, CURLOPT_URL, request.url.c_str());
    (void)::curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    (void)::curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
    (void)::curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    (void)::curl_easy_setopt(curl, CURLOPT_USERAGENT, "cc-ci");
    (void)::curl_easy_setopt(curl, CURLOPT_OPENSOCKETFUNCTION, open_socket);
    (void)::curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, static_cast<long>(handle_->limit.count()));
    (void)::curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers.get());
    (void)::curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, &keep);
    (void)::curl_easy_setopt(curl, CURLOPT_WRITEDATA, &answer.body);
    (void)::curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, &keep_header);
    (void)::curl_easy_setopt(curl, CURLOPT_HEADERDATA, &answer.headers);
    if (request.method != "GET") {
        // On a connection that was kept, and that the server closes without an answer, libcurl
        // sends a request once more by itself; what changes something must not be done twice.
        (void)::curl_easy_setopt(curl, CURLOPT_FRESH_CONNECT, 1L);
        (void)::curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE,
                                 static_cast<curl_off_t>(request.body.size()));
        (void)::curl_easy_setopt(curl, CURLOPT_POSTFIELDS, request.body.data());
        (void)::curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, request.method.c_str());
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
