#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace ccci::recipe {

/// The pattern with {domain} and {published_port} replaced. Throws RecipeError when the port is
/// asked for and there is none.
std::string app_url(const std::string& pattern, const std::string& domain,
                    std::optional<std::uint16_t> published_port);

/// What is asked of an app at `url`: that, or a path below it, which begins with '/'.
std::string health_url(const std::string& url, const std::string& path);

/// The end of a wait for an app.
struct Health {
    std::optional<long> code;  ///< the expected one that was answered; none: it never was
    std::string last_failure;  ///< "HTTP 500", "Connection refused"
};

/// Asks the URL until one of these codes is the answer, or until the time is over; at least once.
/// Redirects are answers. The certificate is not checked: a run app has one of a staging authority,
/// or none yet.
Health wait_healthy(const std::string& url, const std::vector<int>& codes,
                    std::chrono::steady_clock::time_point until);

}  // namespace ccci::recipe
