#pragma once

#include <algorithm>
#include <regex>
#include <string>
#include <utility>

#include <nlohmann/json.hpp>

#include "base/files.hpp"

namespace ccci::test {

/// Checks JSON against a schema, as far as docs/schemas uses the language: type, const, enum,
/// anyOf, $ref below # or into another schema, required, properties, additionalProperties,
/// propertyNames, items, minItems, minimum, maximum, pattern.
class JsonSchema {
public:
    // Not braces: they would make an array of it.
    explicit JsonSchema(nlohmann::json schema) : root_(std::move(schema)) {}

    /// docs/schemas/<file>, and what it refers to beside it.
    static JsonSchema of_docs(const std::string& file) { return JsonSchema(parsed(file)); }

    /// The first thing that is wrong, with its place; empty: nothing is.
    [[nodiscard]] std::string first_error(const nlohmann::json& value) const {
        return check(value, root_, "$");
    }

private:
    using json = nlohmann::json;

    static json parsed(const std::string& file) {
        return json::parse(
            base::try_read_file(CCCI_SOURCE_DIR "/docs/schemas/" + file).value_or(""));
    }

    static bool has_type(const json& value, const std::string& type) {
        return (type == "object" && value.is_object()) || (type == "array" && value.is_array()) ||
               (type == "string" && value.is_string()) || (type == "null" && value.is_null()) ||
               (type == "boolean" && value.is_boolean()) ||
               (type == "number" && value.is_number()) ||
               (type == "integer" && value.is_number_integer());
    }

    static bool has_one_of(const json& value, const json& types) {
        for (const json& type : types.is_array() ? types : json::array({types})) {
            if (has_type(value, type)) {
                return true;
            }
        }
        return false;
    }

    std::string check(const json& value, const json& schema, const std::string& where) const {
        if (schema.contains("$ref")) {
            const std::string reference = schema["$ref"];
            const std::size_t hash = std::min(reference.find('#'), reference.size());
            const json::json_pointer inside{reference.substr(std::min(hash + 1, reference.size()))};
            if (hash > 0) {
                const JsonSchema other = of_docs(reference.substr(0, hash));
                return other.check(value, other.root_.at(inside), where);
            }
            return check(value, root_.at(inside), where);
        }
        if (schema.contains("anyOf")) {
            std::string error;
            for (const json& each : schema["anyOf"]) {
                error = check(value, each, where);
                if (error.empty()) {
                    return {};
                }
            }
            return error;
        }
        if (schema.contains("type") && !has_one_of(value, schema["type"])) {
            return where + ": want " + schema["type"].dump() + ", not " + value.dump();
        }
        if (schema.contains("const") && value != schema["const"]) {
            return where + ": want " + schema["const"].dump();
        }
        if (schema.contains("enum") &&
            schema["enum"].end() ==
                std::find(schema["enum"].begin(), schema["enum"].end(), value)) {
            return where + ": " + value.dump() + " is not among " + schema["enum"].dump();
        }
        if (value.is_number() &&
            (value < schema.value("minimum", value) || value > schema.value("maximum", value))) {
            return where + ": " + value.dump() + " is out of range";
        }
        if (value.is_string() && schema.contains("pattern") &&
            !std::regex_search(value.get<std::string>(),
                               std::regex{schema["pattern"].get<std::string>()})) {
            return where + ": " + value.dump() + " has not the pattern";
        }
        return value.is_object()  ? check_object(value, schema, where)
               : value.is_array() ? check_array(value, schema, where)
                                  : std::string{};
    }

    std::string check_object(const json& value, const json& schema,
                             const std::string& where) const {
        for (const json& name : schema.value("required", json::array())) {
            if (!value.contains(name)) {
                return where + ": has no " + name.dump();
            }
        }
        const json properties = schema.value("properties", json::object());
        for (const auto& [name, member] : value.items()) {
            const json name_rule = schema.value("propertyNames", json::object());
            if (const std::string error = check(name, name_rule, where); !error.empty()) {
                return error;
            }
            const json rule = properties.contains(name)
                                  ? properties[name]
                                  : schema.value("additionalProperties", json::object());
            const std::string error = rule == false ? where + ": unknown key " + name
                                                    : check(member, rule, where + "." + name);
            if (!error.empty()) {
                return error;
            }
        }
        return {};
    }

    std::string check_array(const json& value, const json& schema, const std::string& where) const {
        if (value.size() < schema.value("minItems", std::size_t{0})) {
            return where + ": has too few items";
        }
        for (std::size_t i = 0; i < value.size(); ++i) {
            const std::string error = check(value[i], schema.value("items", json::object()),
                                            where + "[" + std::to_string(i) + "]");
            if (!error.empty()) {
                return error;
            }
        }
        return {};
    }

    json root_;
};

}  // namespace ccci::test
