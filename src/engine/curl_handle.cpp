#include "engine/curl_handle.hpp"

#include <fmt/format.h>
#include <sys/socket.h>

#include <cstring>
#include <new>

namespace ccci::engine {

namespace {

using Kind = EngineError::Kind;

// libcurl's own socket() has no close-on-exec, and a connection to the engine is root on this host.
curl_socket_t open_socket(void*, curlsocktype, curl_sockaddr* address) {
    return ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
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

void prepare(CURL* handle, const std::filesystem::path& socket) {
    ::curl_easy_reset(handle);
    (void)::curl_easy_setopt(handle, CURLOPT_UNIX_SOCKET_PATH, socket.c_str());
    (void)::curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "http");
    (void)::curl_easy_setopt(handle, CURLOPT_HTTP_VERSION,
                             static_cast<long>(CURL_HTTP_VERSION_1_1));
    (void)::curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
    (void)::curl_easy_setopt(handle, CURLOPT_CONNECTTIMEOUT, 10L);
    (void)::curl_easy_setopt(handle, CURLOPT_OPENSOCKETFUNCTION, open_socket);
}

EngineError transfer_error(CURL* handle, CURLcode code, const std::filesystem::path& socket,
                           const std::string& request) {
    switch (code) {
        case CURLE_COULDNT_CONNECT: {
            long error = 0;
            (void)::curl_easy_getinfo(handle, CURLINFO_OS_ERRNO, &error);
            return {Kind::unreachable,
                    fmt::format("connect to docker at {}: {}; is the Docker engine running?",
                                socket.native(), std::strerror(static_cast<int>(error)))};
        }
        case CURLE_OPERATION_TIMEDOUT:
            return {Kind::unreachable, fmt::format("docker {}: no answer in time", request)};
        case CURLE_GOT_NOTHING:
        case CURLE_RECV_ERROR:
        case CURLE_SEND_ERROR:
        case CURLE_PARTIAL_FILE:
            return {Kind::unreachable,
                    fmt::format("docker {}: the engine closed the connection", request)};
        default:
            return {Kind::refused,
                    fmt::format("docker {}: {}", request, ::curl_easy_strerror(code))};
    }
}

}  // namespace ccci::engine
