#include "base/endpoint.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <optional>
#include <stdexcept>

#include "base/os_error.hpp"
#include "base/text.hpp"

namespace ccci::base {

namespace {

struct Address {
    sockaddr_storage storage{};
    socklen_t size = 0;

    sockaddr* any() { return reinterpret_cast<sockaddr*>(&storage); }
};

std::optional<Address> parse(const std::string& text) {
    const std::size_t colon = text.rfind(':');
    if (colon == std::string::npos) {
        return std::nullopt;
    }
    std::string host = text.substr(0, colon);
    std::uint16_t port = 0;
    const char* const begin = text.data() + colon + 1;
    const char* const end = text.data() + text.size();
    if (const auto parsed = std::from_chars(begin, end, port);
        begin == end || parsed.ec != std::errc{} || parsed.ptr != end) {
        return std::nullopt;
    }
    Address address;
    if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
        host = host.substr(1, host.size() - 2);
        auto* v6 = reinterpret_cast<sockaddr_in6*>(&address.storage);
        v6->sin6_family = AF_INET6;
        v6->sin6_port = htons(port);
        address.size = sizeof *v6;
        return ::inet_pton(AF_INET6, host.c_str(), &v6->sin6_addr) == 1 ? std::optional{address}
                                                                        : std::nullopt;
    }
    auto* v4 = reinterpret_cast<sockaddr_in*>(&address.storage);
    v4->sin_family = AF_INET;
    v4->sin_port = htons(port);
    address.size = sizeof *v4;
    return ::inet_pton(AF_INET, host.c_str(), &v4->sin_addr) == 1 ? std::optional{address}
                                                                  : std::nullopt;
}

}  // namespace

bool is_endpoint(const std::string& text) {
    return parse(text).has_value();
}

UniqueFd listen_on(const std::string& endpoint) {
    auto address = parse(endpoint);
    if (!address) {
        throw std::invalid_argument{
            fmt::format("'{}' is no address to listen on", printable(endpoint))};
    }
    UniqueFd socket{::socket(address->storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    // A service that is restarted must not wait for the ends of its former connections.
    const int yes = 1;
    if (!socket || ::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) != 0 ||
        ::bind(socket.get(), address->any(), address->size) != 0 ||
        ::listen(socket.get(), SOMAXCONN) != 0) {
        throw_errno(errno, "listen on {}", endpoint);
    }
    return socket;
}

std::string endpoint_of(int socket) {
    Address address;
    address.size = sizeof address.storage;
    if (::getsockname(socket, address.any(), &address.size) != 0) {
        throw_errno(errno, "get the address of descriptor {}", socket);
    }
    std::array<char, INET6_ADDRSTRLEN> text{};
    if (address.storage.ss_family == AF_INET6) {
        const auto* v6 = reinterpret_cast<const sockaddr_in6*>(&address.storage);
        (void)::inet_ntop(AF_INET6, &v6->sin6_addr, text.data(), text.size());
        return fmt::format("[{}]:{}", text.data(), ntohs(v6->sin6_port));
    }
    if (address.storage.ss_family != AF_INET) {
        throw_errno(EAFNOSUPPORT, "get the address of descriptor {}", socket);
    }
    const auto* v4 = reinterpret_cast<const sockaddr_in*>(&address.storage);
    (void)::inet_ntop(AF_INET, &v4->sin_addr, text.data(), text.size());
    return fmt::format("{}:{}", text.data(), ntohs(v4->sin_port));
}

}  // namespace ccci::base
