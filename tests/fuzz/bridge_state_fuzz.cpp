#include <stdexcept>

#include "bridge/plan.hpp"
#include "bridge/state.hpp"
#include "drone/build.hpp"
#include "fuzz/fuzz.hpp"
#include "gitea/payload.hpp"

// What the bridge has kept, and what servers answer it. All of it is understood or refused in one
// way; what is understood can be kept, and something can be planned for it.

namespace ccci::fuzz {

namespace {

template <typename Parse>
void parse_or_refuse(Parse parse) {
    try {
        parse();
    } catch (const std::invalid_argument& error) {
        require(is_printable(error.what()), "a complaint is one printable line", error.what());
    }
}

}  // namespace

void check(std::string_view input) {
    const std::string text{input};
    parse_or_refuse([&] {
        bridge::State state = bridge::decode_state(text);
        const std::string kept = bridge::encode(state);
        require(bridge::encode(bridge::decode_state(kept)) == kept, "the same after a restart",
                kept);
        const bridge::Time now = std::chrono::system_clock::from_time_t(1'772'356'950);
        (void)bridge::make_plan(state, {}, now);
        bridge::prune(state, now);
    });
    parse_or_refuse([&] { (void)drone::parse_started(text); });
    parse_or_refuse([&] { (void)drone::parse_builds(text); });
    parse_or_refuse([&] { (void)gitea::parse_comments(text); });
    parse_or_refuse([&] { (void)gitea::parse_pull_request(text); });
    parse_or_refuse([&] { (void)gitea::find_comment(text, "m"); });
    parse_or_refuse([&] { (void)gitea::parse_id(text); });
    (void)gitea::parse_time(text);
}

}  // namespace ccci::fuzz
