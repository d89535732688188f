#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "platform/lasting_stack.hpp"

namespace ccci::recipe {

/// What is known of one canonical state of a warm app.
struct WarmRecord {
    std::string recipe;
    std::string domain;
    std::string commit;   ///< full
    std::string release;  ///< the version that the commit is published as; empty: none
    std::string run_id;   ///< which made it
    std::chrono::system_clock::time_point promoted;
    platform::Belongings belongings;

    /// "1.0.0+4.5.1 (a174a86)", or just the commit.
    [[nodiscard]] std::string name() const;
};

/// As in record.json. parse_warm_record() throws std::runtime_error for anything else.
std::string to_text(const WarmRecord& record);
WarmRecord parse_warm_record(std::string_view text);

}  // namespace ccci::recipe
