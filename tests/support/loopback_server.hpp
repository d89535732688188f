#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <functional>
#include <string>
#include <thread>
#include <utility>

#include "base/os_error.hpp"
#include "base/unique_fd.hpp"

namespace ccci::test {

/// An HTTP server on a free port of the loopback, one connection at a time, for as long as it
/// exists.
class LoopbackServer {
public:
    /// Gets the whole head of a request, gives the whole answer.
    using Handler = std::function<std::string(const std::string& head)>;

    explicit LoopbackServer(Handler handler)
        : handler_{std::move(handler)}, socket_{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)} {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        auto* any = reinterpret_cast<sockaddr*>(&address);
        socklen_t size = sizeof address;
        if (::bind(socket_.get(), any, size) != 0 || ::listen(socket_.get(), 16) != 0 ||
            ::getsockname(socket_.get(), any, &size) != 0) {
            base::throw_errno(errno, "listen on the loopback");
        }
        url_ = "http://127.0.0.1:" + std::to_string(ntohs(address.sin_port));
        thread_ = std::thread{[this] { serve(); }};
    }
    LoopbackServer(const LoopbackServer&) = delete;
    LoopbackServer& operator=(const LoopbackServer&) = delete;
    ~LoopbackServer() {
        (void)::shutdown(socket_.get(), SHUT_RDWR);
        thread_.join();
    }

    [[nodiscard]] const std::string& url() const { return url_; }

    static std::string answer(const std::string& status, const std::string& body = "",
                              const std::string& headers = "") {
        return "HTTP/1.1 " + status +
               "\r\nConnection: close\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" +
               headers + "\r\n" + body;
    }
    /// "/path?query" of "GET /path?query HTTP/1.1".
    static std::string target(const std::string& head) {
        const std::size_t begin = head.find(' ') + 1;
        return head.substr(begin, head.find(' ', begin) - begin);
    }

private:
    void serve() {
        for (;;) {
            const base::UniqueFd client{::accept4(socket_.get(), nullptr, nullptr, SOCK_CLOEXEC)};
            if (!client) {
                return;
            }
            std::string head;
            std::array<char, 4096> buffer;
            while (head.find("\r\n\r\n") == std::string::npos) {
                const ssize_t n = ::read(client.get(), buffer.data(), buffer.size());
                if (n <= 0) {
                    break;
                }
                head.append(buffer.data(), static_cast<std::size_t>(n));
            }
            const std::string text = handler_(head);
            (void)!::send(client.get(), text.data(), text.size(), MSG_NOSIGNAL);
        }
    }

    Handler handler_;
    base::UniqueFd socket_;
    std::string url_;
    std::thread thread_;
};

}  // namespace ccci::test
