#include "web/router.hpp"

#include <fmt/format.h>
#include <httplib.h>

#include <algorithm>
#include <exception>
#include <utility>

#include "web/memory_stream.hpp"

namespace ccci::web {

namespace {

const Fields& default_headers() {
    static const Fields fields{
        {"Cache-Control", "no-store"},
        {"Content-Security-Policy",
         "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; "
         "connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"},
        {"Cross-Origin-Opener-Policy", "same-origin"},
        {"Cross-Origin-Resource-Policy", "same-origin"},
        {"Referrer-Policy", "no-referrer"},
        {"X-Content-Type-Options", "nosniff"},
    };
    return fields;
}

void add_headers(httplib::Response& response, const Fields& fields) {
    for (const auto& [name, value] : fields) {
        if (!response.has_header(name.c_str())) {
            response.set_header(name.c_str(), value);
        }
    }
}

std::string reason(int status) {
    switch (status) {
        case 400:
            return "Bad Request";
        case 404:
            return "Not Found";
        case 405:
            return "Method Not Allowed";
        case 408:
            return "Request Timeout";
        case 411:
            return "Length Required";
        case 413:
            return "Content Too Large";
        case 414:
            return "URI Too Long";
        case 431:
            return "Request Header Fields Too Large";
        case 500:
            return "Internal Server Error";
        case 503:
            return "Service Unavailable";
        default:
            return "Refused";
    }
}

std::string short_text(int status) {
    return fmt::format("{} {}\n", status, reason(status));
}

Request to_request(const httplib::Request& from) {
    Request request{.method = from.method,
                    .path = from.path,
                    .captures = {},
                    .query = {},
                    .headers = {},
                    .body = from.body};
    for (std::size_t i = 1; i < from.matches.size(); ++i) {
        request.captures.push_back(from.matches[i].str());
    }
    request.query.assign(from.params.begin(), from.params.end());
    // What the library adds about the connection is not what the client has said.
    for (const auto& [name, value] : from.headers) {
        if (name != "REMOTE_ADDR" && name != "REMOTE_PORT" && name != "LOCAL_ADDR" &&
            name != "LOCAL_PORT") {
            request.headers.emplace_back(name, value);
        }
    }
    return request;
}

}  // namespace

struct Router::Engine : httplib::Server {
    explicit Engine(OnFailure on_failure_in) : on_failure{std::move(on_failure_in)} {
        set_error_handler([](const httplib::Request&, httplib::Response& response) {
            if (response.body.empty()) {
                response.set_content(short_text(response.status), "text/plain; charset=utf-8");
            }
            add_headers(response, default_headers());
        });
    }

    void act(const web::Handler& handler, const httplib::Request& from, httplib::Response& to) {
        Answer answer;
        try {
            answer = handler(to_request(from));
        } catch (const std::exception& error) {
            on_failure(fmt::format("{} {}: {}", from.method, from.path, error.what()));
            answer = {.status = 500, .body = short_text(500)};
        }
        to.status = answer.status;
        for (const auto& [name, value] : answer.headers) {
            to.set_header(name.c_str(), value);
        }
        add_headers(to, default_headers());
        if (!answer.follow) {
            to.set_content(answer.body, answer.type.c_str());
        } else if (from.method == "HEAD") {
            to.set_header("Content-Type", "text/event-stream");
        } else {
            // No length and no chunks: what follows ends with the connection.
            to.set_content_provider("text/event-stream", [](std::size_t, httplib::DataSink& sink) {
                sink.done();
                return true;
            });
            follow = std::move(answer.follow);
        }
    }

    /// The library has changed what it wants to know here: up to 0.15 nothing, then the addresses
    /// of both ends, which no handler of ours asks for.
    template <typename Bytes>
    void process(Bytes& stream) {
        bool closed = false;
        if constexpr (requires { this->process_request(stream, true, closed, nullptr); }) {
            (void)this->process_request(stream, true, closed, nullptr);
        } else {
            (void)this->process_request(stream, std::string{}, 0, std::string{}, 0, true, closed,
                                        nullptr);
        }
    }

    OnFailure on_failure;
    Follow follow;  ///< of the request that is being answered
};

Router::Router(OnFailure on_failure) : engine_{std::make_unique<Engine>(std::move(on_failure))} {}
Router::Router(Router&&) noexcept = default;
Router& Router::operator=(Router&&) noexcept = default;
Router::~Router() = default;

void Router::get(const std::string& pattern, Handler handler) {
    engine_->Get(pattern.c_str(), [engine = engine_.get(), handler = std::move(handler)](
                                      const httplib::Request& from, httplib::Response& to) {
        engine->act(handler, from, to);
    });
}

void Router::post(const std::string& pattern, Handler handler) {
    engine_->Post(pattern.c_str(), [engine = engine_.get(), handler = std::move(handler)](
                                       const httplib::Request& from, httplib::Response& to) {
        engine->act(handler, from, to);
    });
}

Reply Router::reply(std::string_view request) {
    MemoryStream stream{request};
    engine_->follow = nullptr;
    engine_->process(stream);
    if (stream.written().empty()) {
        return refusal(400);
    }
    return {.bytes = std::move(stream).written(), .follow = std::exchange(engine_->follow, {})};
}

Reply Router::refusal(int status) {
    const std::string body = short_text(status);
    std::string bytes = fmt::format(
        "HTTP/1.1 {} {}\r\nConnection: close\r\nContent-Length: {}\r\n"
        "Content-Type: text/plain; charset=utf-8\r\n",
        status, reason(status), body.size());
    for (const auto& [name, value] : default_headers()) {
        bytes += fmt::format("{}: {}\r\n", name, value);
    }
    return {.bytes = bytes + "\r\n" + body, .follow = {}};
}

}  // namespace ccci::web
