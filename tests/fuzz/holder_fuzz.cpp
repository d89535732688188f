#include "locks/holder.hpp"

#include "fuzz/fuzz.hpp"

// What a lock file says. Never an exception; what is understood is the same after a rewrite, and
// the sentence about it is one printable line.

namespace ccci::fuzz {

void check(std::string_view input) {
    const auto holder = locks::parse_holder(std::string{input});
    const std::string sentence = describe(holder, std::chrono::system_clock::now());
    require(is_printable(sentence), "one printable line", sentence);
    if (holder) {
        require(locks::parse_holder(encode(*holder)) == holder, "the same after a rewrite", input);
    }
}

}  // namespace ccci::fuzz
