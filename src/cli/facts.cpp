#include "cli/facts.hpp"

#include <algorithm>
#include <utility>

#include "cli/text_width.hpp"

namespace ccci::cli {

namespace {

constexpr std::size_t k_name_width = 10;
constexpr std::size_t k_least = 20;  // a terminal that is narrower has to break lines itself

}  // namespace

std::vector<std::string> wrapped(std::string_view text, std::size_t width) {
    std::vector<std::string> lines;
    std::string line;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find(' '), text.size());
        const std::string_view word = text.substr(0, end);
        if (!line.empty() && width_of(line) + 1 + width_of(word) > width) {
            lines.push_back(std::exchange(line, {}));
        }
        line.append(line.empty() ? "" : " ").append(word);
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    if (!line.empty()) {
        lines.push_back(std::move(line));
    }
    return lines;
}

void Facts::add(std::string_view name, std::string_view value, base::Colour colour) {
    if (value.empty()) {
        return;
    }
    const std::size_t width = look_.width
                                  ? std::max(*look_.width, k_name_width + k_least) - k_name_width
                                  : std::string::npos;
    std::string head{name};
    for (const std::string& line : wrapped(value, width)) {
        head.resize(k_name_width, ' ');
        lines_.push_back(std::exchange(head, {}) + look_.painted(line, colour));
    }
}

}  // namespace ccci::cli
