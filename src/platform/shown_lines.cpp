#include "platform/shown_lines.hpp"

#include <utility>

#include "platform/abra_answer.hpp"
#include "platform/bounded_command.hpp"

namespace ccci::platform {

namespace {

/// A line without an end is shown in pieces of this size.
constexpr std::size_t k_longest_line = 4096;

}  // namespace

void ShownLines::take(std::string_view output) {
    for (const char c : output) {
        // What draws on a terminal returns to the beginning of a line rather than to end it.
        if (c != '\n' && c != '\r') {
            line_ += c;
        }
        if (c == '\n' || c == '\r' || line_.size() == k_longest_line) {
            show();
        }
    }
}

void ShownLines::finish() {
    show();
}

void ShownLines::show() {
    const std::string plain = plain_line(std::exchange(line_, {}));
    if (plain.empty()) {
        return;
    }
    pass_to_stdout(plain + "\n");
    if (std::string fatal = fatal_line(plain); !fatal.empty()) {
        last_fatal_ = std::move(fatal);
    }
}

}  // namespace ccci::platform
