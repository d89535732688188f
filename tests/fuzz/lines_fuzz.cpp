#include <algorithm>
#include <string>

#include "fuzz/fuzz.hpp"
#include "systemd/line_splitter.hpp"

// What a job prints, in reads of any size.

namespace ccci::fuzz {

void check(std::string_view input) {
    // The first byte says how long a line may be, the second how long a read is.
    const auto number = [&](std::size_t at) {
        return at < input.size() ? static_cast<unsigned char>(input[at]) % 16U + 1U : 1U;
    };
    const std::size_t longest = number(0);
    const std::size_t read = number(1);
    const std::string_view whole = input.substr(std::min<std::size_t>(2, input.size()));

    systemd::LineSplitter splitter{longest};
    std::string joined;
    std::string expected;
    const auto take = [&](std::string_view line) {
        require(line.size() <= longest, "a line is no longer than it may be", line);
        require(line.find('\n') == std::string_view::npos, "a line has no end in it", line);
        joined += line;
    };
    for (std::size_t begin = 0; begin < whole.size(); begin += read) {
        std::string_view bytes = whole.substr(begin, read);
        while (const auto line = splitter.next(bytes)) {
            take(*line);
        }
        require(bytes.empty(), "everything is taken", bytes);
    }
    if (const auto line = splitter.rest()) {
        require(!line->empty(), "a rest is something", input);
        take(*line);
    }
    for (const char byte : whole) {
        if (byte != '\n') {
            expected += byte;
        }
    }
    require(joined == expected, "every byte is in a line", input);
}

}  // namespace ccci::fuzz
