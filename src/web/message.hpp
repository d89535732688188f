#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ccci::web {

using Fields = std::vector<std::pair<std::string, std::string>>;

/// A request, as a handler gets it. All of it comes from anybody who can connect.
struct Request {
    std::string method;                 ///< "GET", "HEAD" or "POST"
    std::string path;                   ///< decoded, without the query
    std::vector<std::string> captures;  ///< what the groups of the route's pattern matched
    Fields query;                       ///< decoded
    Fields headers;
    std::string body;

    /// The first of that name, in any case of letters.
    [[nodiscard]] std::optional<std::string> header(std::string_view name) const;
    /// The first of that name.
    [[nodiscard]] std::optional<std::string> parameter(std::string_view name) const;
};

/// Where a stream of events goes: server-sent events, as the HTML standard has them.
class EventSink {
public:
    using Write = std::function<void(std::string_view)>;

    EventSink(Write write, std::function<void()> end)
        : write_{std::move(write)}, end_{std::move(end)} {}

    /// `event` and `id` without line breaks; an empty one is left out. `data` may have any.
    void send(std::string_view event, std::string_view data, std::string_view id = {});
    /// A line that clients ignore, and that shows that both ends are there.
    void keep_alive();
    /// After what was sent the connection is closed. Browsers connect anew, unless they were told.
    void end() { end_(); }

private:
    Write write_;
    std::function<void()> end_;
};

/// Begins to send events. What it returns lives until the client is gone or the stream has ended;
/// then it is destroyed, and the sink with it.
using Follow = std::function<std::shared_ptr<void>(EventSink&)>;

struct Answer {
    int status = 200;
    std::string type = "text/plain; charset=utf-8";
    std::string body = {};
    Fields headers = {};
    Follow follow = {};  ///< a stream of events instead of type and body
};

using Handler = std::function<Answer(const Request&)>;

}  // namespace ccci::web
