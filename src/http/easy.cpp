#include "http/easy.hpp"

#include <fcntl.h>
#include <sys/socket.h>

#include <algorithm>
#include <filesystem>
#include <new>
#include <set>
#include <string>
#include <string_view>

#include "base/text.hpp"

namespace ccci::http {

namespace {

/// No answer of an API that is asked for one thing comes near.
constexpr std::size_t k_longest_body = std::size_t{8} << 20;

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

// libcurl's own socket() has no close-on-exec.
curl_socket_t open_socket(void*, curlsocktype, curl_sockaddr* address) {
    return ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

std::set<int> open_descriptors() {
    std::set<int> numbers;
    for (const auto& entry : std::filesystem::directory_iterator{"/proc/self/fd"}) {
        numbers.insert(std::stoi(entry.path().filename().native()));
    }
    // That of the directory is closed again.
    std::erase_if(numbers, [](int number) { return ::fcntl(number, F_GETFD) < 0; });
    return numbers;
}

}  // namespace

EasyHandle make_easy_handle() {
    static const CURLcode k_initialised = ::curl_global_init(CURL_GLOBAL_DEFAULT);
    EasyHandle handle{k_initialised == CURLE_OK ? ::curl_easy_init() : nullptr};
    if (!handle) {
        throw std::bad_alloc{};
    }
    return handle;
}

MultiHandle make_multi_handle() {
    (void)make_easy_handle();  // initialises libcurl
    // The socket pair that wakes it up has no close-on-exec, and nobody tells its numbers.
    const std::set<int> before = open_descriptors();
    MultiHandle handle{::curl_multi_init()};
    if (!handle) {
        throw std::bad_alloc{};
    }
    for (const int number : open_descriptors()) {
        if (!before.contains(number)) {
            (void)::fcntl(number, F_SETFD, FD_CLOEXEC);
        }
    }
    return handle;
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

void prepare(CURL* handle) {
    (void)::curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "http,https");
    (void)::curl_easy_setopt(handle, CURLOPT_FOLLOWLOCATION, 0L);
    (void)::curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
    (void)::curl_easy_setopt(handle, CURLOPT_OPENSOCKETFUNCTION, open_socket);
}

void prepare(CURL* handle, const Request& request, const HeaderList& headers, Answer& answer) {
    prepare(handle);
    (void)::curl_easy_setopt(handle, CURLOPT_URL, request.url.c_str());
    (void)::curl_easy_setopt(handle, CURLOPT_USERAGENT, "cc-ci");
    (void)::curl_easy_setopt(handle, CURLOPT_HTTPHEADER, headers.get());
    (void)::curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, &keep);
    (void)::curl_easy_setopt(handle, CURLOPT_WRITEDATA, &answer.body);
    (void)::curl_easy_setopt(handle, CURLOPT_HEADERFUNCTION, &keep_header);
    (void)::curl_easy_setopt(handle, CURLOPT_HEADERDATA, &answer.headers);
    if (request.method != "GET") {
        (void)::curl_easy_setopt(handle, CURLOPT_POSTFIELDSIZE_LARGE,
                                 static_cast<curl_off_t>(request.body.size()));
        (void)::curl_easy_setopt(handle, CURLOPT_POSTFIELDS, request.body.data());
        (void)::curl_easy_setopt(handle, CURLOPT_CUSTOMREQUEST, request.method.c_str());
    }
}

}  // namespace ccci::http
