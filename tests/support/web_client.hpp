#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <string>

#include "base/os_error.hpp"
#include "base/unique_fd.hpp"
#include "support/readiness.hpp"

namespace ccci::test {

/// One connection to a server on the loopback, as raw as it comes.
class WebClient {
public:
    WebClient(std::uint16_t port, const std::string& request)
        : socket_{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)} {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(port);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        if (::connect(socket_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) !=
            0) {
            base::throw_errno(errno, "connect to port {}", port);
        }
        (void)!::send(socket_.get(), request.data(), request.size(), MSG_NOSIGNAL);
    }

    static std::string get(const std::string& target, const std::string& method = "GET") {
        return method + " " + target + " HTTP/1.1\r\nHost: localhost\r\n\r\n";
    }

    /// Reads until that has come. False at the end, or when nothing comes for k_patience.
    bool wait_for(const std::string& text) {
        while (got_.find(text) == std::string::npos) {
            if (!read_some()) {
                return false;
            }
        }
        return true;
    }
    /// All of it, to the end.
    const std::string& whole() {
        while (read_some()) {
        }
        return got_;
    }
    [[nodiscard]] const std::string& got() const { return got_; }

private:
    bool read_some() {
        std::array<char, 65536> buffer;
        if (!becomes_readable(socket_.get())) {
            return false;
        }
        const ssize_t count = ::read(socket_.get(), buffer.data(), buffer.size());
        if (count <= 0) {
            return false;
        }
        got_.append(buffer.data(), static_cast<std::size_t>(count));
        return true;
    }

    base::UniqueFd socket_;
    std::string got_;
};

}  // namespace ccci::test
