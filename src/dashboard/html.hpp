#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ccci::dashboard {

/// The name of an element or of an attribute: a literal that the compiler has checked. One that
/// would have its content or its value understood as a program, a style or an address does not
/// compile.
class Name {
public:
    // NOLINTNEXTLINE(google-explicit-constructor): a literal is to be all that it takes.
    consteval Name(const char* text) : text_{text} {
        // The only ones of SVG's that have capitals.
        if (text_ == "viewBox" || text_ == "preserveAspectRatio") {
            return;
        }
        for (const char c : text_) {
            if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') && c != '-') {
                throw "a name has lower-case letters, digits and '-'";
            }
        }
        if (text_.empty() || text_.starts_with("on")) {
            throw "an attribute with a program in it";
        }
        for (const std::string_view dangerous :
             {"script", "style", "iframe", "object", "embed", "base", "template", "noscript",
              "href", "src", "srcset", "action", "formaction", "srcdoc", "http-equiv", "ping",
              "poster"}) {
            if (text_ == dangerous) {
                throw "not for what comes from elsewhere";
            }
        }
    }

    [[nodiscard]] constexpr std::string_view text() const { return text_; }

private:
    std::string_view text_;
};

/// A place on this site: "/runs/267?page=2". Made of parts that are percent-encoded, so it stays
/// here whatever they hold.
class Path {
public:
    Path() = default;  ///< "/"

    [[nodiscard]] Path operator/(std::string_view part) const;
    [[nodiscard]] Path with(std::string_view key, std::string_view value) const;
    [[nodiscard]] std::string text() const { return path_.empty() ? "/" : path_ + query_; }

private:
    std::string path_;
    std::string query_;
};

struct Attribute {
    Name name;
    std::string value;
};
using Attributes = std::vector<Attribute>;

/// A piece of a page. There is no way to put markup into one but el() and its kin: every text is
/// escaped as it comes in, so a whole page is well-formed, whatever the texts hold.
class Html {
public:
    Html() = default;

    /// What is between is text, or other pieces.
    template <typename... Parts>
    static Html of(const Parts&... parts) {
        Html html;
        (html.append(parts), ...);
        return html;
    }

    void append(const Html& piece) { markup_ += piece.markup_; }
    void append(std::string_view text);
    void append(const std::vector<Html>& pieces);

    [[nodiscard]] bool is_empty() const { return markup_.empty(); }
    [[nodiscard]] const std::string& markup() const { return markup_; }

private:
    template <typename... Parts>
    friend Html el(Name name, const Attributes& attributes, const Parts&... parts);
    template <typename... Parts>
    friend Html link(const Path& to, const Attributes& attributes, const Parts&... parts);
    template <typename... Parts>
    friend Html form_to(const Path& to, const Attributes& attributes, const Parts&... parts);
    friend Html leaf(Name name, const Attributes& attributes);
    friend Html picture(const Path& from, const Attributes& attributes);
    friend Html style_sheet(const Path& from);
    friend Html icon(const Path& from);
    friend Html program(const Path& from);
    friend Html document(const Html& root);

    static std::string text_of(const Attributes& attributes);
    static std::string address(std::string_view name, const Path& path);
    static Html element(std::string_view name, const std::string& attributes, const Html& content);
    static Html void_element(std::string_view name, const std::string& attributes);

    std::string markup_;
};

/// <name attributes>parts</name>
template <typename... Parts>
Html el(Name name, const Attributes& attributes, const Parts&... parts) {
    return Html::element(name.text(), Html::text_of(attributes), Html::of(parts...));
}

/// An element that never has content: <meta>, <input>.
Html leaf(Name name, const Attributes& attributes);

// What leads elsewhere, or is fetched from there: of this site alone.

template <typename... Parts>
Html link(const Path& to, const Attributes& attributes, const Parts&... parts) {
    return Html::element("a", Html::text_of(attributes) + Html::address("href", to),
                         Html::of(parts...));
}

/// A form that asks for that place, with the values of its fields as the query.
template <typename... Parts>
Html form_to(const Path& to, const Attributes& attributes, const Parts&... parts) {
    return Html::element(
        "form", Html::text_of(attributes) + " method=\"get\"" + Html::address("action", to),
        Html::of(parts...));
}

Html picture(const Path& from, const Attributes& attributes);
Html style_sheet(const Path& from);
Html icon(const Path& from);
Html program(const Path& from);

/// A whole document: <!DOCTYPE html> and the root.
Html document(const Html& root);

}  // namespace ccci::dashboard
