#include "cli/values.hpp"

#include <fmt/format.h>

#include "fuzz/fuzz.hpp"
#include "run/usage_error.hpp"

// Sizes, percentages and counts of options: a UsageError, or a number that, written down in the
// plainest way, is read as the same.

namespace ccci::fuzz {

void check(std::string_view input) {
    const std::uint8_t which = take_byte(input);
    const std::string text{input};
    try {
        switch (which % 3) {
            case 0: {
                const std::uint64_t bytes = cli::size_option("--x", text);
                require(bytes > 0, "a limit is more than nothing", text);
                require(cli::size_option("--x", fmt::format("{}", bytes)) == bytes, "same", text);
                break;
            }
            case 1: {
                const std::uint64_t micros = cli::percent_option("--x", text);
                require(micros > 0 && micros % 10'000 == 0, "whole percents", text);
                require(cli::percent_option("--x", fmt::format("{}%", micros / 10'000)) == micros,
                        "same", text);
                break;
            }
            default: {
                const std::uint64_t count = cli::count_option("--x", text);
                require(count > 0 && cli::count_option("--x", fmt::format("{}", count)) == count,
                        "same", text);
            }
        }
    } catch (const run::UsageError& error) {
        require(is_printable(error.what()), "a complaint is one printable line", error.what());
    }
}

}  // namespace ccci::fuzz
