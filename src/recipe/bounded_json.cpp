#include "recipe/bounded_json.hpp"

#include <fmt/format.h>

#include <stdexcept>

namespace ccci::recipe {

nlohmann::json parse_bounded_json(std::string_view text, int depth_limit) {
    using nlohmann::json;
    bool too_deep = false;
    json value;
    try {
        value = json::parse(text, [&](int depth, json::parse_event_t, json&) {
            too_deep = too_deep || depth > depth_limit;
            return !too_deep;
        });
    } catch (const json::parse_error& error) {
        throw std::invalid_argument{fmt::format("not JSON: byte {}", error.byte)};
    } catch (const json::exception&) {
        throw std::invalid_argument{"has a number that is out of range"};
    }
    if (too_deep) {
        throw std::invalid_argument{"is nested too deep"};
    }
    return value;
}

}  // namespace ccci::recipe
