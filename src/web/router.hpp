#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "web/message.hpp"

namespace ccci::web {

/// What goes back to a client.
struct Reply {
    std::string bytes;   ///< head and body; of a stream of events the head alone
    Follow follow = {};  ///< a stream of events begins
};

/// From the bytes of one request to those of its answer, in memory: cpp-httplib reads the request,
/// finds the handler and writes the answer.
///
/// Every answer closes its connection, is not to be stored, and tells browsers to load nothing from
/// elsewhere, unless the handler's headers say otherwise.
class Router {
public:
    /// Gets what a handler threw; its client gets a 500 that says no more.
    using OnFailure = std::function<void(const std::string& line)>;

    explicit Router(OnFailure on_failure);
    Router(Router&&) noexcept;
    Router& operator=(Router&&) noexcept;
    Router(const Router&) = delete;
    Router& operator=(const Router&) = delete;
    ~Router();

    /// `pattern`: a regular expression (ECMAScript) that must match the whole path. GET and HEAD.
    void get(const std::string& pattern, Handler handler);
    void post(const std::string& pattern, Handler handler);

    Reply reply(std::string_view request);
    /// To what is no request, or may not be one.
    static Reply refusal(int status);

private:
    struct Engine;
    std::unique_ptr<Engine> engine_;
};

}  // namespace ccci::web
