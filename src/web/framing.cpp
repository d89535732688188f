#include "web/framing.hpp"

#include <strings.h>

#include <algorithm>
#include <charconv>
#include <optional>

#include "base/text.hpp"

namespace ccci::web {

namespace {

constexpr std::string_view k_line_end = "\r\n";
constexpr std::string_view k_head_end = "\r\n\r\n";

Framing refused(int status) {
    return {.state = Framing::State::refused, .status = status};
}

bool is_named(std::string_view field, std::string_view name) {
    return field.size() == name.size() &&
           ::strncasecmp(field.data(), name.data(), name.size()) == 0;
}

/// A field's name in which a character is no letter, digit or sign that HTTP allows there is what
/// requests are smuggled with.
bool is_token(std::string_view text) {
    constexpr std::string_view k_signs = "!#$%&'*+-.^_`|~";
    return !text.empty() && std::all_of(text.begin(), text.end(), [&](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
               k_signs.find(c) != std::string_view::npos;
    });
}

std::optional<std::size_t> parse_length(std::string_view text) {
    std::size_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (text.empty() || text.front() == '-' || error != std::errc{} ||
        end != text.data() + text.size()) {
        return std::nullopt;
    }
    return value;
}

}  // namespace

Framing frame(std::string_view received, const Limits& limits) {
    const std::size_t head_size =
        received.substr(0, limits.head + k_head_end.size()).find(k_head_end);
    if (head_size == std::string_view::npos) {
        return received.size() > limits.head ? refused(431) : Framing{};
    }
    std::string_view fields = received.substr(0, head_size);
    const std::size_t first_line = fields.find(k_line_end);
    fields.remove_prefix(first_line == std::string_view::npos ? fields.size()
                                                              : first_line + k_line_end.size());
    std::optional<std::size_t> body;
    while (!fields.empty()) {
        const std::string_view field = fields.substr(0, fields.find(k_line_end));
        fields.remove_prefix(std::min(fields.size(), field.size() + k_line_end.size()));
        const std::size_t colon = field.find(':');
        if (colon == std::string_view::npos || !is_token(field.substr(0, colon)) ||
            field.find_first_of(std::string_view{"\r\n\0", 3}) != std::string_view::npos) {
            return refused(400);
        }
        if (is_named(field.substr(0, colon), "Transfer-Encoding")) {
            return refused(411);
        }
        if (is_named(field.substr(0, colon), "Content-Length")) {
            const auto length = parse_length(base::trim(field.substr(colon + 1)));
            if (body || !length) {
                return refused(400);
            }
            body = length;
        }
    }
    if (body.value_or(0) > limits.body) {
        return refused(413);
    }
    const std::size_t size = head_size + k_head_end.size() + body.value_or(0);
    return received.size() < size
               ? Framing{}
               : Framing{.state = Framing::State::complete, .size = size, .status = 0};
}

}  // namespace ccci::web
