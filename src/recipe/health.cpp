#include "recipe/health.hpp"

#include <curl/curl.h>
#include <fmt/format.h>
#include <poll.h>

#include <algorithm>
#include <memory>
#include <stdexcept>

#include "base/text.hpp"
#include "recipe/recipe_error.hpp"

namespace ccci::recipe {

namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds k_longest_try{10'000};
constexpr milliseconds k_first_pause{50};
constexpr milliseconds k_longest_pause{1'000};

struct CurlDeleter {
    void operator()(CURL* curl) const { curl_easy_cleanup(curl); }
};
using Curl = std::unique_ptr<CURL, CurlDeleter>;

/// The headers tell everything; an app may well answer without end.
std::size_t refuse_body(char*, std::size_t, std::size_t, void*) {
    return 0;
}

Curl make_request(const std::string& url) {
    Curl curl{curl_easy_init()};
    if (!curl) {
        throw std::runtime_error{"initialise libcurl"};
    }
    curl_easy_setopt(curl.get(), CURLOPT_URL, url.c_str());
    curl_easy_setopt(curl.get(), CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl.get(), CURLOPT_PROXY, "");
    curl_easy_setopt(curl.get(), CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl.get(), CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(curl.get(), CURLOPT_SSL_VERIFYPEER, 0L);
    curl_easy_setopt(curl.get(), CURLOPT_SSL_VERIFYHOST, 0L);
    curl_easy_setopt(curl.get(), CURLOPT_WRITEFUNCTION, &refuse_body);
    curl_easy_setopt(curl.get(), CURLOPT_USERAGENT, "cc-ci");
    // A connection that is kept would go on to a task that a newer one has replaced.
    curl_easy_setopt(curl.get(), CURLOPT_FORBID_REUSE, 1L);
    return curl;
}

milliseconds left_until(steady_clock::time_point until) {
    return std::max(milliseconds{0},
                    std::chrono::duration_cast<milliseconds>(until - steady_clock::now()));
}

/// Nothing tells that an app has become ready to answer, so there is a pause between two tries.
void pause_for(milliseconds span) {
    (void)::poll(nullptr, 0, static_cast<int>(span.count()));
}

}  // namespace

std::string app_url(const std::string& pattern, const std::string& domain,
                    std::optional<std::uint16_t> published_port) {
    const std::string url = base::replace_all(pattern, "{domain}", domain);
    if (url.find("{published_port}") == std::string::npos) {
        return url;
    }
    if (!published_port) {
        throw RecipeError{"service app publishes no port, and the configured health_url needs one"};
    }
    return base::replace_all(url, "{published_port}", fmt::format("{}", *published_port));
}

std::string health_url(const std::string& url, const std::string& path) {
    if (path.empty()) {
        return url;
    }
    return url.substr(0, url.find_last_not_of('/') + 1) + path;
}

Health wait_healthy(const std::string& url, const std::vector<int>& codes,
                    steady_clock::time_point until) {
    const Curl curl = make_request(url);
    Health health;
    for (milliseconds pause = k_first_pause;; pause = std::min(pause * 2, k_longest_pause)) {
        const milliseconds limit = std::clamp(left_until(until), milliseconds{100}, k_longest_try);
        curl_easy_setopt(curl.get(), CURLOPT_TIMEOUT_MS, static_cast<long>(limit.count()));
        const CURLcode result = curl_easy_perform(curl.get());
        long code = 0;
        curl_easy_getinfo(curl.get(), CURLINFO_RESPONSE_CODE, &code);
        if (std::find(codes.begin(), codes.end(), code) != codes.end()) {
            health.code = code;
            return health;
        }
        health.last_failure =
            code != 0 ? fmt::format("HTTP {}", code) : std::string{curl_easy_strerror(result)};
        if (left_until(until) <= pause) {
            return health;
        }
        pause_for(pause);
    }
}

}  // namespace ccci::recipe
