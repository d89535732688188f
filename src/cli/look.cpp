#include "cli/look.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <charconv>

#include "base/process.hpp"

namespace ccci::cli {

namespace {

constexpr std::size_t k_usual_width = 80;
constexpr std::size_t k_usual_height = 24;

std::string variable(const std::vector<std::string>& environment, std::string_view name) {
    return base::find_variable(environment, name).value_or("");
}

std::optional<std::size_t> number(const std::string& text) {
    std::size_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size() || value == 0) {
        return std::nullopt;
    }
    return value;
}

/// locale(7): the first of these that is set counts.
bool is_utf8(const std::vector<std::string>& environment) {
    for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
        if (const std::string locale = variable(environment, name); !locale.empty()) {
            return locale.find("UTF-8") != std::string::npos ||
                   locale.find("utf8") != std::string::npos;
        }
    }
    return false;
}

}  // namespace

std::string Look::painted(std::string_view text, base::Colour wanted) const {
    return colour && !text.empty() ? base::paint(wanted, text) : std::string{text};
}

Look look_of(int fd, const std::vector<std::string>& environment) {
    Look look{.unicode = is_utf8(environment)};
    if (::isatty(fd) == 0) {
        return look;
    }
    winsize size{};
    // A serial console has a size of zero.
    const bool is_known = ::ioctl(fd, TIOCGWINSZ, &size) == 0;
    look.width = is_known && size.ws_col > 0
                     ? size.ws_col
                     : number(variable(environment, "COLUMNS")).value_or(k_usual_width);
    look.height = is_known && size.ws_row > 0 ? size.ws_row : k_usual_height;
    look.colour = base::may_colour(fd);
    return look;
}

}  // namespace ccci::cli
