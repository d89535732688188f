#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

namespace ccci::etcd {

// Fields of the gateway's JSON. What is left out is zero, empty, or an object without fields; what
// is of another type throws std::invalid_argument.

nlohmann::json parse_object(std::string_view text);

const nlohmann::json& object_at(const nlohmann::json& object, const char* key);
const nlohmann::json& list_at(const nlohmann::json& object, const char* key);
std::int64_t number_at(const nlohmann::json& object, const char* key);
bool flag_at(const nlohmann::json& object, const char* key);
std::string text_at(const nlohmann::json& object, const char* key);
std::string bytes_at(const nlohmann::json& object, const char* key);

}  // namespace ccci::etcd
