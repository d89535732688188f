#include "fuzz/fuzz.hpp"
#include "keeper/queue.hpp"
#include "lease/keeper_line.hpp"

// What a keeper and its parent say to each other, and what the keys of a domain hold. Never an
// exception; what is understood is the same after a rewrite, and the sentences are printable.

namespace ccci::fuzz {

void check(std::string_view input) {
    const std::string text{input};
    const lease::KeeperLine line = lease::parse_keeper_line(text);
    const std::string written = encode(line);
    require(written.find('\n') == written.size() - 1, "one line", input);
    const auto again = lease::parse_keeper_line(written.substr(0, written.size() - 1));
    require(encode(again) == written, "the same after a rewrite", input);

    if (const auto claimant = lease::parse_claimant(text)) {
        require(is_printable(lease::name(*claimant)), "a printable name", input);
        require(is_printable(describe(*claimant, std::chrono::system_clock::now())),
                "a printable sentence", input);
    }
    keeper::Queue queue{"/p/d/"};
    queue.replace({{.key = "/p/d/queue/1", .value = text, .create_revision = 1},
                   {.key = "/p/" + text, .create_revision = 2}});
    require(queue.place_of("/p/d/queue/1").has_value(), "a claim is a claim", input);
}

}  // namespace ccci::fuzz
