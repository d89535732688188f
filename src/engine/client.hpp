#pragma once

#include <chrono>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

namespace ccci::engine {

/// What a listing is narrowed to: {"label": {"com.docker.stack.namespace=x"}}.
using Filters = std::map<std::string, std::vector<std::string>>;

/// Percent-encodes everything but letters, digits, '-', '_' and '.': for a part of a target.
std::string encode(std::string_view text);

/// "?filters=" and the URL-encoded JSON; `more` is appended as it is ("&status=true").
std::string query(const Filters& filters, const std::string& more = {});

/// What the engine said to one request.
struct Answer {
    std::string request;  ///< "GET /services", for messages
    long status = 0;
    nlohmann::json body;  ///< null when there was none

    [[nodiscard]] bool ok() const { return status >= 200 && status < 300; }
    /// The engine's own words for a failure.
    [[nodiscard]] std::string message() const;
    /// The body, or an EngineError when it is not ok.
    [[nodiscard]] const nlohmann::json& value() const;
};

/// A connection to the Docker Engine API on a Unix socket: made on the first request, kept alive,
/// made anew when the engine was restarted. One thread at a time.
///
/// Requests throw EngineError when no answer comes or it is not HTTP with JSON; a status of failure
/// is an answer. Nothing is read from the environment.
class Client {
public:
    explicit Client(std::filesystem::path socket);
    Client(Client&&) noexcept;
    Client& operator=(Client&&) noexcept;
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;
    ~Client();

    /// `target` begins with a slash, without the version: "/services?status=true".
    Answer get(const std::string& target);
    Answer post(const std::string& target, const nlohmann::json& body = nullptr);
    Answer remove(const std::string& target);

    /// No request lasts longer than this moment; default: 60 s each.
    void set_deadline(std::optional<std::chrono::steady_clock::time_point> deadline);

    [[nodiscard]] const std::filesystem::path& socket() const;
    /// The API version that is spoken, negotiated on first use: "1.41".
    const std::string& version();

private:
    class Connection;
    std::unique_ptr<Connection> connection_;
};

}  // namespace ccci::engine
