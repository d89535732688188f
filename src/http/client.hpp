#pragma once

#include <chrono>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace ccci::http {

struct Request {
    std::string method = "GET";
    std::string url;
    std::vector<std::string> headers = {};  ///< "Name: value"
    std::string body = {};
};

struct Answer {
    long status = 0;
    std::string body;
};

/// There was no whole answer: no connection, no trust in the server's certificate, not in time, or
/// more than the limit. The text names the URL and no header.
class NoAnswer : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// Requests to servers of others, one after the other, over connections that are kept. Certificates
/// are verified, proxies of the environment honoured, redirects not followed, so that a token goes
/// to nobody but the server that it is for.
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
