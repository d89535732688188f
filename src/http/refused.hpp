#pragma once

#include <chrono>
#include <initializer_list>
#include <optional>
#include <stdexcept>
#include <string>

#include "http/client.hpp"

namespace ccci::http {

/// A server answered, but not with what it was asked for.
class Refused : public std::runtime_error {
public:
    Refused(const std::string& text, long status, std::optional<std::chrono::seconds> retry_after)
        : std::runtime_error{text}, status_{status}, retry_after_{retry_after} {}

    [[nodiscard]] long status() const noexcept { return status_; }
    /// When the server wants to be asked again, at the earliest.
    [[nodiscard]] std::optional<std::chrono::seconds> retry_after() const noexcept {
        return retry_after_;
    }
    /// The same request may succeed later: a server in trouble, or one that was asked too often.
    [[nodiscard]] bool is_passing() const noexcept;
    /// It may have done what was asked for all the same.
    [[nodiscard]] bool is_doubtful() const noexcept { return status_ >= 500; }

private:
    long status_;
    std::optional<std::chrono::seconds> retry_after_;
};

/// Throws Refused, "start a build: HTTP 502", unless the status is one of these.
void expect(const Answer& answer, std::initializer_list<long> statuses, const std::string& what);

/// Of a Retry-After header, either form; nullopt for anything else, and at most a day.
std::optional<std::chrono::seconds> parse_retry_after(const std::string& text,
                                                      std::chrono::system_clock::time_point now);

}  // namespace ccci::http
