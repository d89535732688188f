#include <curl/curl.h>

#include <algorithm>
#include <memory>
#include <optional>

#include "fuzz/fuzz.hpp"
#include "naming/domain.hpp"
#include "recipe/git.hpp"
#include "run/config.hpp"
#include "run/names.hpp"
#include "run/usage_error.hpp"

// The forge of the configuration on the first line, a source repository on the second. libcurl, the
// URL parser that git itself uses, says whom git would talk to: never to anybody but the forge when
// it is given the forge's token, and never to something that ssh takes for an option.

namespace ccci::fuzz {

namespace {

struct Url {
    std::string scheme;
    std::string host;
    std::string port;
    std::string user;
    std::string password;
    bool operator==(const Url&) const = default;
};

std::string part(CURLU* url, CURLUPart which) {
    char* text = nullptr;
    if (::curl_url_get(url, which, &text, CURLU_DEFAULT_PORT) != CURLUE_OK) {
        return {};
    }
    std::string result{text};
    ::curl_free(text);
    return result;
}

std::optional<Url> parse(const std::string& text) {
    const std::unique_ptr<CURLU, void (*)(CURLU*)> url{::curl_url(), ::curl_url_cleanup};
    if (::curl_url_set(url.get(), CURLUPART_URL, text.c_str(), CURLU_NON_SUPPORT_SCHEME) !=
        CURLUE_OK) {
        return std::nullopt;
    }
    return Url{part(url.get(), CURLUPART_SCHEME), part(url.get(), CURLUPART_HOST),
               part(url.get(), CURLUPART_PORT), part(url.get(), CURLUPART_USER),
               part(url.get(), CURLUPART_PASSWORD)};
}

bool is_forge(const std::string& text) {
    try {
        run::Config config;
        run::apply_json(config, {{"forge", text}}, "file");
        return !config.forge.empty();
    } catch (const run::UsageError&) {
        return false;
    }
}

}  // namespace

void check(std::string_view input) {
    const std::string forge = take_line(input);
    const std::string source = take_line(input);
    if (!is_forge(forge)) {
        return;
    }
    std::string url;
    try {
        url = naming::clone_url(run::check_source(source), forge);
    } catch (const run::UsageError& error) {
        require(is_printable(error.what()), "a complaint is one printable line", error.what());
        return;
    }
    // git takes "<word>::" for the name of a program to run, and '-' for an option.
    const std::size_t word = url.find_first_of(":/@~%");
    require(!url.starts_with('-') && !url.substr(std::min(word, url.size())).starts_with("::"),
            "neither an option nor a transport helper", url);
    if (const auto parsed = parse(url)) {
        require(!parsed->host.starts_with('-'), "a host that ssh takes for a host", url);
        require(parsed->password.empty() && (parsed->user.empty() || parsed->scheme == "ssh"),
                "no credentials, which would be in the log", url);
    }
    if (recipe::is_below_forge(url, forge)) {
        const auto theirs = parse(url);
        const auto ours = parse(forge);
        require(theirs && ours && theirs == ours, "the token goes to the forge alone",
                forge + " " + url);
    }
}

}  // namespace ccci::fuzz
