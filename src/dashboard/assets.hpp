#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "dashboard/html.hpp"

namespace ccci::dashboard {

/// A file that belongs to the pages. It is in the program: nothing is read while it runs.
struct Asset {
    std::string_view name;    ///< "style.css"
    std::string_view hashed;  ///< "style-1a2b3c4d5e6f.css": another text has another name
    std::string_view type;
    std::string_view text;
};

/// Where a page finds that file, which must be one; under a name that may be kept for ever.
Path asset_path(std::string_view name);

/// By its hashed name; nullptr: there is none.
const Asset* find_asset(std::string_view hashed);

}  // namespace ccci::dashboard
