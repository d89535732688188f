#include "bridge/trigger.hpp"

#include "base/text.hpp"

namespace ccci::bridge {

std::optional<naming::Lane> parse_trigger(std::string_view text) {
    constexpr std::string_view k_word = "!testme";
    std::string_view rest = base::trim(text);
    if (!rest.starts_with(k_word)) {
        return std::nullopt;
    }
    rest.remove_prefix(k_word.size());
    if (rest.empty()) {
        return naming::Lane::full;
    }
    const bool is_a_word_of_its_own = rest.front() == ' ' || rest.front() == '\t';
    if (is_a_word_of_its_own && base::trim(rest) == "--quick") {
        // On the same line: "!testme" with "--quick" somewhere below it is prose.
        return rest.find_first_of("\r\n") == std::string_view::npos
                   ? std::optional{naming::Lane::quick}
                   : std::nullopt;
    }
    return std::nullopt;
}

}  // namespace ccci::bridge
