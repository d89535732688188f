#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <variant>

#include "event/loop.hpp"
#include "http/message.hpp"

namespace ccci::http {

/// How server and client prove who they are. A key that is encrypted is not asked for.
struct Tls {
    std::filesystem::path ca_file = {};    ///< the only authorities; empty: those of this system
    std::filesystem::path cert_file = {};  ///< empty: no certificate of our own
    std::filesystem::path key_file = {};
};

/// There was no whole answer.
struct Broken {
    std::string reason = {};  ///< one line, without the URL: "Connection refused"
    /// The server may have got the request, and may have done what it asks for.
    bool was_sent = false;
    /// One of the two does not believe the other, or a file of Tls cannot be used. Where the server
    /// is the one, this may be lost with the connection.
    bool is_about_trust = false;
};

using Outcome = std::variant<Answer, Broken>;

struct Exchange {
    Request request;
    std::chrono::milliseconds connect_limit = std::chrono::seconds{1};
    /// For all of it; zero: none.
    std::chrono::milliseconds limit = std::chrono::seconds{3};
    /// On a connection that was kept, and that the server closes without an answer, a request is
    /// sent once more, unless this is set: it is Broken then.
    bool only_once = false;
    /// Gets the body piece by piece, of an answer of any status; it is then not in the Answer.
    std::function<void(std::string_view)> on_body = {};
    /// Called once, as the last.
    std::function<void(Outcome)> on_end = {};
};

/// An exchange under way; destroying it ends it, and nobody is called any more. One that has ended
/// holds nothing. Must not outlive its client.
class Transfer {
public:
    class State;

    Transfer() noexcept;
    explicit Transfer(std::shared_ptr<State> state) noexcept;
    Transfer(Transfer&& other) noexcept;
    Transfer& operator=(Transfer&& other) noexcept;
    Transfer(const Transfer&) = delete;
    Transfer& operator=(const Transfer&) = delete;
    ~Transfer();

    void reset() noexcept;

private:
    std::shared_ptr<State> state_;
};

/// Requests to servers of one's own network, any number at a time, on the event loop and over
/// connections that are kept. Certificates are verified; proxies of the environment are not used,
/// redirects not followed. A connection whose other end is silent on TCP's own questions for ten
/// seconds is broken, also where nothing is waited for but the next piece of a body.
class AsyncClient {
public:
    AsyncClient(event::Loop& loop, Tls tls);
    AsyncClient(const AsyncClient&) = delete;
    AsyncClient& operator=(const AsyncClient&) = delete;
    ~AsyncClient();

    /// Calls back from the loop only. A callback may begin and destroy exchanges, but not the
    /// client.
    [[nodiscard]] Transfer begin(Exchange exchange);

private:
    class Multi;
    std::unique_ptr<Multi> multi_;
};

}  // namespace ccci::http
