#pragma once

#include <chrono>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "health/check.hpp"

namespace ccci::health {

/// One key of the configuration, with what it is now and where that came from.
struct Setting {
    std::string key;
    std::string value;   ///< as JSON
    std::string origin;  ///< "default", a file, a variable
};

struct Report {
    std::vector<Setting> settings;
    Checks checks;
    std::chrono::microseconds took{};
    bool interrupted = false;  ///< somebody had no time for all of it

    [[nodiscard]] int count(Status status) const;
    /// 0 when nothing failed and all was looked at, else 1.
    [[nodiscard]] int exit_code() const;
};

struct Style {
    bool verbose = false;  ///< why and fix of every check, and the settings
    bool colour = false;
};

/// For people: a line per check, and a last one with the counts.
std::string text_of(const Report& report, Style style);

/// For programs: docs/schemas/doctor.schema.json.
nlohmann::json json_of(const Report& report);

}  // namespace ccci::health
