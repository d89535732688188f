#include "engine/client.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <string_view>

#include "base/text.hpp"
#include "engine/transfer.hpp"
#include "http/easy.hpp"

namespace ccci::engine {

namespace {

using nlohmann::json;
using std::chrono::milliseconds;
using std::chrono::steady_clock;
using Kind = EngineError::Kind;

/// The newest API this client was written for; every engine since v25 accepts it.
constexpr int k_newest_minor = 44;
constexpr milliseconds k_request_timeout = std::chrono::seconds{60};
/// A thousand services are about 5 MB.
constexpr std::size_t k_most_bytes = std::size_t{64} << 20;

std::size_t append_body(char* data, std::size_t, std::size_t size, void* target) noexcept {
    auto& body = *static_cast<std::string*>(target);
    if (body.size() + size > k_most_bytes) {
        return 0;  // ends the transfer with CURLE_WRITE_ERROR
    }
    try {
        body.append(data, size);
    } catch (...) {
        return 0;
    }
    return size;
}

/// "1.41" -> 41; nullopt for anything that is not version 1.
std::optional<int> parse_minor(std::string_view text) {
    int minor = 0;
    if (!text.starts_with("1.")) {
        return std::nullopt;
    }
    const auto [end, error] = std::from_chars(text.data() + 2, text.data() + text.size(), minor);
    if (error != std::errc{} || end != text.data() + text.size() || minor < 0) {
        return std::nullopt;
    }
    return minor;
}

}  // namespace

std::string encode(std::string_view text) {
    std::string encoded;
    for (const char c : text) {
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                           (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
        encoded += plain ? std::string{c} : fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
    return encoded;
}

std::string query(const Filters& filters, const std::string& more) {
    return "?filters=" + encode(json(filters).dump()) + more;
}

std::string Answer::message() const {
    if (body.is_object()) {
        const auto message = body.find("message");
        if (message != body.end() && message->is_string()) {
            return base::printable(base::trim(message->get_ref<const std::string&>()), 500);
        }
    }
    return fmt::format("status {}", status);
}

const json& Answer::value() const {
    if (!ok()) {
        throw EngineError{status >= 500 ? Kind::failed : Kind::refused,
                          fmt::format("docker {}: {}", request, message())};
    }
    return body;
}

class Client::Connection {
public:
    explicit Connection(std::filesystem::path socket) : socket_{std::move(socket)} {}

    const std::string& version() {
        if (version_.empty()) {
            (void)perform("GET", "GET /_ping", "/_ping", {});
            curl_header* header = nullptr;
            const bool there = ::curl_easy_header(handle_.get(), "Api-Version", 0, CURLH_HEADER, -1,
                                                  &header) == CURLHE_OK;
            const std::optional<int> minor =
                there ? parse_minor(header->value) : std::optional<int>{};
            if (!minor) {
                throw EngineError{Kind::refused,
                                  fmt::format("docker GET /_ping: what answers at {} is no Docker "
                                              "engine",
                                              socket_.native())};
            }
            version_ = fmt::format("1.{}", std::min(*minor, k_newest_minor));
        }
        return version_;
    }

    Answer request(const char* method, const std::string& target, const json& body) {
        const std::string path = fmt::format("/v{}{}", version(), target);
        // What is asked is told in messages; how it is narrowed is noise there.
        const std::string name = fmt::format("{} {}", method, target.substr(0, target.find('?')));
        std::string text = perform(method, name, path, body.is_null() ? "" : body.dump());

        Answer answer{.request = name, .status = 0, .body = nullptr};
        (void)::curl_easy_getinfo(handle_.get(), CURLINFO_RESPONSE_CODE, &answer.status);
        if (base::trim(text).empty()) {
            // An engine that dies while it answers must not look like an empty listing.
            if (answer.ok() && std::string_view{method} == "GET") {
                throw EngineError{Kind::unreachable,
                                  fmt::format("docker {}: the answer is empty", name)};
            }
            return answer;
        }
        answer.body = json::parse(text, nullptr, false);
        if (answer.body.is_discarded()) {
            // Go's own web server answers an unknown path with a line of text.
            answer.body = json::object({{"message", text.substr(0, 500)}});
            if (answer.ok()) {
                throw EngineError{Kind::refused,
                                  fmt::format("docker {}: the answer is not JSON: '{}'", name,
                                              base::printable(base::trim(text), 60))};
            }
        }
        return answer;
    }

    std::filesystem::path socket_;
    std::optional<steady_clock::time_point> deadline_;

private:
    std::string perform(const char* method, const std::string& name, const std::string& path,
                        const std::string& body) {
        milliseconds timeout = k_request_timeout;
        if (deadline_) {
            const auto left = std::chrono::ceil<milliseconds>(*deadline_ - steady_clock::now());
            timeout = std::clamp(left, milliseconds{1}, timeout);
        }
        std::string answer;
        CURL* handle = handle_.get();
        prepare(handle, socket_);
        const std::string url = "http://docker" + path;
        (void)::curl_easy_setopt(handle, CURLOPT_URL, url.c_str());
        (void)::curl_easy_setopt(handle, CURLOPT_CUSTOMREQUEST, method);
        (void)::curl_easy_setopt(handle, CURLOPT_TIMEOUT_MS, static_cast<long>(timeout.count()));
        (void)::curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, append_body);
        (void)::curl_easy_setopt(handle, CURLOPT_WRITEDATA, &answer);
        http::HeaderList headers;
        if (std::string_view{method} == "POST") {
            // "Expect: 100-continue" would cost a second for larger bodies on some engines.
            headers.reset(::curl_slist_append(nullptr, "Expect:"));
            (void)::curl_slist_append(headers.get(), "Content-Type: application/json");
            (void)::curl_easy_setopt(handle, CURLOPT_HTTPHEADER, headers.get());
            (void)::curl_easy_setopt(handle, CURLOPT_POSTFIELDS, body.c_str());
            (void)::curl_easy_setopt(handle, CURLOPT_POSTFIELDSIZE_LARGE,
                                     static_cast<curl_off_t>(body.size()));
        }
        const CURLcode code = ::curl_easy_perform(handle);
        if (code == CURLE_WRITE_ERROR) {
            throw EngineError{
                Kind::refused,
                fmt::format("docker {}: the answer has more than {} MB", name, k_most_bytes >> 20)};
        }
        if (code != CURLE_OK) {
            throw transfer_error(handle, code, socket_, name);
        }
        return answer;
    }

    http::EasyHandle handle_ = http::make_easy_handle();
    std::string version_;
};

Client::Client(std::filesystem::path socket)
    : connection_{std::make_unique<Connection>(std::move(socket))} {}
Client::Client(Client&&) noexcept = default;
Client& Client::operator=(Client&&) noexcept = default;
Client::~Client() = default;

Answer Client::get(const std::string& target) {
    return connection_->request("GET", target, {});
}

Answer Client::post(const std::string& target, const json& body) {
    return connection_->request("POST", target, body);
}

Answer Client::remove(const std::string& target) {
    return connection_->request("DELETE", target, {});
}

void Client::set_deadline(std::optional<steady_clock::time_point> deadline) {
    connection_->deadline_ = deadline;
}

const std::filesystem::path& Client::socket() const {
    return connection_->socket_;
}
const std::string& Client::version() {
    return connection_->version();
}

}  // namespace ccci::engine
