#pragma once

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <csignal>
#include <cstring>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <system_error>
#include <utility>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/files.hpp"
#include "base/process.hpp"

namespace ccci::test {

/// A complete HTTP answer.
inline std::string http(const std::string& body, const std::string& status = "200 OK",
                        const std::string& headers = "Api-Version: 1.41\r\n") {
    return fmt::format("HTTP/1.1 {}\r\n{}Content-Length: {}\r\n\r\n{}", status, headers,
                       body.size(), body);
}

/// A server on a Unix socket, in processes of its own, that answers with exactly the bytes it is
/// told to, HTTP or not. An empty answer closes the connection; after "close:" as a prefix the rest
/// is sent and then the connection is closed.
class FakeEngine {
public:
    /// `request` begins with "GET /v1.41/services HTTP/1.1"; `connection` counts from 0.
    using Handler = std::function<std::string(const std::string& request, int connection)>;

    FakeEngine(const std::filesystem::path& socket, Handler handler) {
        std::filesystem::remove(socket);
        base::UniqueFd listener{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        std::strncpy(address.sun_path, socket.c_str(), sizeof address.sun_path - 1);
        if (::bind(listener.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 ||
            ::listen(listener.get(), 16) != 0) {
            ADD_FAILURE() << "listen on " << socket << ": " << std::strerror(errno);
        }
        auto serve = [&] { return accept_all(listener.get(), handler); };
        server_.emplace(base::fork_function(serve));
    }
    FakeEngine(const FakeEngine&) = delete;
    FakeEngine& operator=(const FakeEngine&) = delete;
    ~FakeEngine() { stop(); }

    /// Kills it with all its connections; the socket's file stays.
    void stop() {
        if (server_) {
            server_->kill(SIGKILL);
            (void)server_->wait();
            server_.reset();
        }
    }

private:
    static int accept_all(int listener, const Handler& handler) {
        (void)std::signal(SIGCHLD, SIG_IGN);
        for (int connection = 0;; ++connection) {
            const base::UniqueFd client{::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC)};
            auto serve = [&] { return serve_one(client.get(), handler, connection); };
            try {
                (void)base::fork_function(serve);
            } catch (const std::system_error&) {
                // It has answered and ended already, and nobody has to wait for it.
            }
        }
    }

    static int serve_one(int client, const Handler& handler, int connection) {
        (void)std::signal(SIGPIPE, SIG_IGN);
        std::string pending;
        char buffer[65536];
        for (;;) {
            std::size_t size = request_size(pending);
            while (size == 0) {
                const ssize_t n = ::read(client, buffer, sizeof buffer);
                if (n <= 0) {
                    return 0;
                }
                pending.append(buffer, static_cast<std::size_t>(n));
                size = request_size(pending);
            }
            std::string answer = handler(pending.substr(0, size), connection);
            pending.erase(0, size);
            const bool close = answer.empty() || answer.starts_with("close:");
            base::write_all(client, close && !answer.empty() ? answer.substr(6) : answer, "client");
            if (close) {
                return 0;
            }
        }
    }

    /// 0 while the request is incomplete.
    static std::size_t request_size(const std::string& text) {
        const std::size_t end = text.find("\r\n\r\n");
        if (end == std::string::npos) {
            return 0;
        }
        const std::size_t length = text.find("Content-Length: ");
        const std::size_t body =
            length < end ? static_cast<std::size_t>(std::stoul(text.substr(length + 16))) : 0;
        return text.size() >= end + 4 + body ? end + 4 + body : 0;
    }

    std::optional<base::Child> server_;
};

}  // namespace ccci::test
