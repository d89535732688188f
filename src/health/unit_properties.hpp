#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace ccci::health {

/// What `systemctl show` says of one unit; a property that it does not know is empty.
class UnitProperties {
public:
    UnitProperties() = default;
    explicit UnitProperties(std::map<std::string, std::string> values)
        : values_{std::move(values)} {}

    [[nodiscard]] std::string operator[](const std::string& name) const;
    [[nodiscard]] bool is_loaded() const { return (*this)["LoadState"] == "loaded"; }

private:
    std::map<std::string, std::string> values_;
};

/// By the property Id. Anything that is no line with a "=" is passed over.
std::map<std::string, UnitProperties> parse_units(std::string_view text);

/// "1min 30s", "infinity" (nullopt), "18446744073709551615" (nullopt). Nullopt also for nonsense.
std::optional<std::chrono::microseconds> parse_unit_span(const std::string& text);

/// The leading number of "252.39-1~deb12u1"; 0: there is none.
int parse_version(std::string_view text);

}  // namespace ccci::health
