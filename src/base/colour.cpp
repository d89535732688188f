#include "base/colour.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdlib>

namespace ccci::base {

namespace {

int code_of(Colour colour) {
    switch (colour) {
        case Colour::plain:
            return 0;
        case Colour::bold:
            return 1;
        case Colour::dim:
            return 2;
        case Colour::red:
            return 31;
        case Colour::green:
            return 32;
        case Colour::yellow:
            return 33;
        case Colour::cyan:
            return 36;
    }
    return 0;
}

}  // namespace

bool may_colour(int fd) {
    const char* unwanted = std::getenv("NO_COLOR");
    const char* terminal = std::getenv("TERM");
    return (unwanted == nullptr || *unwanted == '\0') && terminal != nullptr &&
           std::string_view{terminal} != "dumb" && ::isatty(fd) == 1;
}

std::string paint(Colour colour, std::string_view text) {
    if (colour == Colour::plain) {
        return std::string{text};
    }
    return fmt::format("\x1b[{}m{}\x1b[0m", code_of(colour), text);
}

}  // namespace ccci::base
