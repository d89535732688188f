#include "cli/screen.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <utility>

#include "cli/print.hpp"

namespace ccci::cli {

// The sequences of xterm, which everything that calls itself a terminal today understands
// (console_codes(4) has all but the other screen, and does not mind it).

void Screen::enter() {
    if (!std::exchange(entered_, true)) {
        print_text(stdout, "\033[?1049h\033[?25l");
    }
}

void Screen::leave() {
    if (std::exchange(entered_, false)) {
        print_text(stdout, "\033[?25h\033[?1049l");
    }
}

void Screen::draw(const std::vector<std::string>& lines, const Look& look) {
    // In one write, and nothing is cleared before it is written anew: it must not flicker.
    std::string text = "\033[H";
    const std::vector<std::string> shown = fitting(lines, look.height.value_or(lines.size()));
    for (std::size_t i = 0; i < shown.size(); ++i) {
        // A line feed after the last line would scroll a full screen.
        text += shown[i] + (i + 1 < shown.size() ? "\033[K\r\n" : "\033[K");
    }
    print_text(stdout, text + "\033[J");
}

std::vector<std::string> fitting(std::vector<std::string> lines, std::size_t height) {
    if (lines.size() <= height || height == 0) {
        return lines;
    }
    const std::size_t missing = lines.size() - height + 1;
    lines.resize(height - 1);
    lines.push_back(fmt::format("and {} more", missing));
    return lines;
}

}  // namespace ccci::cli
