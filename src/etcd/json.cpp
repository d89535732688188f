#include "etcd/json.hpp"

#include <fmt/format.h>

#include <charconv>
#include <stdexcept>

#include "base/base64.hpp"

namespace ccci::etcd {

using nlohmann::json;

namespace {

[[noreturn]] void refuse(const char* key, const char* what) {
    throw std::invalid_argument{fmt::format("{} is no {}", key, what)};
}

/// Null when it is left out.
const json* find(const json& object, const char* key) {
    if (!object.is_object()) {
        throw std::invalid_argument{fmt::format("{} is in no object", key)};
    }
    const auto found = object.find(key);
    return found == object.end() ? nullptr : &*found;
}

const json& of_type(const json& object, const char* key, json::value_t type, const char* what) {
    static const json k_object = json::object();
    static const json k_list = json::array();
    const json* value = find(object, key);
    if (value == nullptr) {
        return type == json::value_t::object ? k_object : k_list;
    }
    if (value->type() != type) {
        refuse(key, what);
    }
    return *value;
}

}  // namespace

json parse_object(std::string_view text) {
    json value = json::parse(text, nullptr, false);
    if (!value.is_object()) {
        throw std::invalid_argument{"it is no JSON object"};
    }
    return value;
}

const json& object_at(const json& object, const char* key) {
    return of_type(object, key, json::value_t::object, "object");
}

const json& list_at(const json& object, const char* key) {
    return of_type(object, key, json::value_t::array, "list");
}

std::int64_t number_at(const json& object, const char* key) {
    const json* value = find(object, key);
    if (value == nullptr) {
        return 0;
    }
    if (value->is_number_unsigned() && value->get<std::uint64_t>() <= INT64_MAX) {
        return value->get<std::int64_t>();
    }
    if (value->is_number_integer() && !value->is_number_unsigned()) {
        return value->get<std::int64_t>();
    }
    std::int64_t number = 0;
    if (value->is_string()) {
        const auto& text = value->get_ref<const std::string&>();
        const char* end = text.data() + text.size();
        if (const auto [at, error] = std::from_chars(text.data(), end, number);
            error == std::errc{} && at == end) {
            return number;
        }
    }
    refuse(key, "number");
}

bool flag_at(const json& object, const char* key) {
    const json* value = find(object, key);
    if (value != nullptr && !value->is_boolean()) {
        refuse(key, "flag");
    }
    return value != nullptr && value->get<bool>();
}

std::string text_at(const json& object, const char* key) {
    const json* value = find(object, key);
    if (value != nullptr && !value->is_string()) {
        refuse(key, "text");
    }
    return value == nullptr ? std::string{} : value->get<std::string>();
}

std::string bytes_at(const json& object, const char* key) {
    auto bytes = base::from_base64(text_at(object, key));
    if (!bytes) {
        refuse(key, "base64");
    }
    return std::move(*bytes);
}

}  // namespace ccci::etcd
