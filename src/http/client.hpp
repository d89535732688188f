#pragma once

#include <chrono>
#include <memory>
#include <stdexcept>
#include <string>

#include "http/message.hpp"

namespace ccci::http {

/// There was no whole answer: no connection, no trust in the server's certificate, not in time, or
/// more than the limit. The text names the URL and no header.
class NoAnswer : public std::runtime_error {
public:
    NoAnswer(const std::string& text, bool was_sent)
        : std::runtime_error{text}, was_sent_{was_sent} {}

    /// The server may have got the request, and may have done what it asks for.
    [[nodiscard]] bool was_sent() const noexcept { return was_sent_; }

private:
    bool was_sent_;
};

/// Requests to servers of others, one after the other, over connections that are kept. Certificates
/// are verified, proxies of the environment honoured, redirects not followed, so that a token goes
/// to nobody but the server that it is for. No request but a GET is ever sent twice.
class Client {
public:
    /// `limit`: for one request as a whole.
    explicit Client(std::chrono::milliseconds limit);
    Client(Client&&) noexcept;
    Client& operator=(Client&&) noexcept;
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;
    ~Client();

    /// Blocks. Throws NoAnswer.
    Answer send(const Request& request);

private:
    struct Handle;
    std::unique_ptr<Handle> handle_;
};

}  // namespace ccci::http
