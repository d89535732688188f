#include "recipe/versions.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <compare>

namespace ccci::recipe {

namespace {

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

struct Version {
    std::array<unsigned, 3> own{};
    std::string_view app;
};

std::optional<Version> parse(std::string_view tag) {
    Version version;
    for (std::size_t at = 0; at < version.own.size(); ++at) {
        if (at > 0) {
            if (!tag.starts_with('.')) {
                return std::nullopt;
            }
            tag.remove_prefix(1);
        }
        const auto [end, error] =
            std::from_chars(tag.data(), tag.data() + tag.size(), version.own.at(at));
        if (error != std::errc{}) {
            return std::nullopt;
        }
        tag.remove_prefix(static_cast<std::size_t>(end - tag.data()));
    }
    if (tag.size() < 2 || tag.front() != '+') {
        return std::nullopt;
    }
    version.app = tag.substr(1);
    return version;
}

/// Takes a run of digits without its leading zeros off the front.
std::string_view take_number(std::string_view& text) {
    while (text.size() > 1 && text[0] == '0' && is_digit(text[1])) {
        text.remove_prefix(1);
    }
    std::size_t length = 0;
    while (length < text.size() && is_digit(text[length])) {
        ++length;
    }
    const std::string_view number = text.substr(0, length);
    text.remove_prefix(length);
    return number;
}

std::strong_ordering compare_naturally(std::string_view a, std::string_view b) {
    while (!a.empty() && !b.empty()) {
        if (is_digit(a[0]) && is_digit(b[0])) {
            const std::string_view first = take_number(a);
            const std::string_view second = take_number(b);
            if (first != second) {
                const auto by_length = first.size() <=> second.size();
                return std::is_neq(by_length) ? by_length : first.compare(second) <=> 0;
            }
        } else if (a[0] != b[0]) {
            return a[0] <=> b[0];
        } else {
            a.remove_prefix(1);
            b.remove_prefix(1);
        }
    }
    return a.size() <=> b.size();
}

bool is_older(const std::string& tag, const std::string& other) {
    const Version a = parse(tag).value_or(Version{});
    const Version b = parse(other).value_or(Version{});
    return a.own != b.own ? a.own < b.own : std::is_lt(compare_naturally(a.app, b.app));
}

}  // namespace

bool is_version(std::string_view tag) {
    return parse(tag).has_value();
}

std::optional<std::string> newest_version(const std::vector<std::string>& tags) {
    std::vector<std::string> versions;
    std::ranges::copy_if(tags, std::back_inserter(versions), is_version);
    const auto newest = std::ranges::max_element(versions, is_older);
    return newest == versions.end() ? std::nullopt : std::optional{*newest};
}

}  // namespace ccci::recipe
