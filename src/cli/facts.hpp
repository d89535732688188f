#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cli/look.hpp"

namespace ccci::cli {

/// "name      value" lines, the value broken between words where it is too wide for the terminal.
class Facts {
public:
    explicit Facts(const Look& look) : look_{look} {}

    /// An empty value is left out. No control characters in it.
    void add(std::string_view name, std::string_view value,
             base::Colour colour = base::Colour::plain);

    [[nodiscard]] std::vector<std::string> lines() && { return std::move(lines_); }

private:
    const Look& look_;
    std::vector<std::string> lines_;
};

/// Lines of at most that width, broken at blanks; a word that is wider stays whole.
std::vector<std::string> wrapped(std::string_view text, std::size_t width);

}  // namespace ccci::cli
