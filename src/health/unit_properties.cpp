#include "health/unit_properties.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "base/duration.hpp"
#include "base/text.hpp"

namespace ccci::health {

std::string UnitProperties::operator[](const std::string& name) const {
    const auto found = values_.find(name);
    return found == values_.end() ? "" : found->second;
}

std::map<std::string, UnitProperties> parse_units(std::string_view text) {
    std::map<std::string, UnitProperties> units;
    std::map<std::string, std::string> values;
    const auto keep = [&] {
        if (const auto id = values.find("Id"); id != values.end() && !id->second.empty()) {
            const std::string name = id->second;
            units.insert_or_assign(name, UnitProperties{std::move(values)});
        }
        values.clear();
    };
    for (const std::string& line : base::split(text, '\n')) {
        if (line.empty()) {
            keep();
        } else if (const auto at = line.find('='); at != std::string::npos) {
            values.insert_or_assign(line.substr(0, at), line.substr(at + 1));
        }
    }
    keep();
    return units;
}

std::optional<std::chrono::microseconds> parse_unit_span(const std::string& text) {
    try {
        return base::parse_duration(text);
    } catch (const std::invalid_argument&) {
        return std::nullopt;
    }
}

int parse_version(std::string_view text) {
    constexpr int k_most = 1'000'000;
    int version = 0;
    for (const char c : text) {
        if (c < '0' || c > '9' || version >= k_most) {
            break;
        }
        version = version * 10 + (c - '0');
    }
    return version;
}

}  // namespace ccci::health
