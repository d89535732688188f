#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string_view>

#include "janitor/janitor.hpp"

namespace ccci::janitor {

/// A pass for scripts, and for the janitor that had a part of it made by another process.
nlohmann::json to_json(const Pass& pass);

/// Throws std::exception when it is not one.
Pass parse_pass(std::string_view text);

}  // namespace ccci::janitor
