#include "dashboard/html.hpp"

#include <fmt/format.h>

#include "dashboard/clean_text.hpp"

namespace ccci::dashboard {

namespace {

std::string escaped(std::string_view text) {
    std::string result;
    result.reserve(text.size());
    for (const char c : text) {
        switch (c) {
            case '&':
                result += "&amp;";
                break;
            case '<':
                result += "&lt;";
                break;
            case '>':
                result += "&gt;";
                break;
            case '"':
                result += "&quot;";
                break;
            case '\'':
                result += "&#39;";
                break;
            default:
                result += c;
        }
    }
    return result;
}

/// RFC 3986, 2.3.
std::string encoded(std::string_view text) {
    std::string result;
    for (const char c : text) {
        const bool unreserved = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                                (c >= '0' && c <= '9') ||
                                std::string_view{"-._~"}.find(c) != std::string_view::npos;
        if (unreserved) {
            result += c;
        } else {
            result += fmt::format("%{:02X}", static_cast<unsigned char>(c));
        }
    }
    return result;
}

}  // namespace

Path Path::operator/(std::string_view part) const {
    Path path = *this;
    // Alone, dots are steps up or none at all, also when they are encoded.
    const bool is_dots = part.find_first_not_of('.') == std::string_view::npos;
    path.path_ += '/' + (is_dots ? std::string{"-"} : encoded(part));
    return path;
}

Path Path::with(std::string_view key, std::string_view value) const {
    Path path = *this;
    if (path.path_.empty()) {
        path.path_ = "/";
    }
    path.query_ += (query_.empty() ? "?" : "&") + encoded(key) + '=' + encoded(value);
    return path;
}

void Html::append(std::string_view text) {
    markup_ += escaped(clean_line(text));
}

void Html::append(const std::vector<Html>& pieces) {
    for (const Html& piece : pieces) {
        append(piece);
    }
}

std::string Html::text_of(const Attributes& attributes) {
    std::string text;
    for (const Attribute& attribute : attributes) {
        text +=
            fmt::format(" {}=\"{}\"", attribute.name.text(), escaped(clean_line(attribute.value)));
    }
    return text;
}

std::string Html::address(std::string_view name, const Path& path) {
    return fmt::format(" {}=\"{}\"", name, escaped(path.text()));
}

Html Html::element(std::string_view name, const std::string& attributes, const Html& content) {
    Html html;
    html.markup_ = fmt::format("<{0}{1}>{2}</{0}>", name, attributes, content.markup_);
    return html;
}

Html Html::void_element(std::string_view name, const std::string& attributes) {
    Html html;
    html.markup_ = fmt::format("<{}{}>", name, attributes);
    return html;
}

Html leaf(Name name, const Attributes& attributes) {
    return Html::void_element(name.text(), Html::text_of(attributes));
}

Html picture(const Path& from, const Attributes& attributes) {
    return Html::void_element("img", Html::text_of(attributes) + Html::address("src", from));
}

Html style_sheet(const Path& from) {
    return Html::void_element("link", " rel=\"stylesheet\"" + Html::address("href", from));
}

Html icon(const Path& from) {
    return Html::void_element("link",
                              " rel=\"icon\" type=\"image/svg+xml\"" + Html::address("href", from));
}

Html program(const Path& from) {
    return Html::element("script", " defer=\"defer\"" + Html::address("src", from), {});
}

Html document(const Html& root) {
    Html html;
    html.markup_ = "<!DOCTYPE html>\n" + root.markup_ + "\n";
    return html;
}

}  // namespace ccci::dashboard
