#include "engine/transfer.hpp"

#include <fmt/format.h>

#include <cstring>

#include "http/easy.hpp"

namespace ccci::engine {

namespace {

using Kind = EngineError::Kind;

}  // namespace

void prepare(CURL* handle, const std::filesystem::path& socket) {
    ::curl_easy_reset(handle);
    http::prepare(handle);
    (void)::curl_easy_setopt(handle, CURLOPT_UNIX_SOCKET_PATH, socket.c_str());
    (void)::curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "http");
    (void)::curl_easy_setopt(handle, CURLOPT_HTTP_VERSION,
                             static_cast<long>(CURL_HTTP_VERSION_1_1));
    (void)::curl_easy_setopt(handle, CURLOPT_CONNECTTIMEOUT, 10L);
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
