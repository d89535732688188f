#include "fuzz/fuzz.hpp"
#include "recipe/test_report.hpp"

// What a test says of itself: counts that are none below zero, and the same in whatever parts it
// comes.

namespace ccci::fuzz {

void check(std::string_view input) {
    recipe::TapReader whole;
    whole.feed(input);
    const auto counted = whole.result();
    recipe::TapReader parts;
    for (const char& c : input) {
        parts.feed({&c, 1});
    }
    require(parts.result() == counted, "parts do not matter", input);
    for (const auto& checks : {counted, recipe::read_junit(std::string{input})}) {
        if (checks) {
            require(checks->passed >= 0 && checks->failed >= 0 && checks->skipped >= 0, "counts");
            require(is_printable(recipe::describe(*checks)), "one printable line");
        }
    }
}

}  // namespace ccci::fuzz
