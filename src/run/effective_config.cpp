#include "run/effective_config.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "base/process.hpp"
#include "run/usage_error.hpp"

namespace ccci::run {

namespace {

constexpr const char* k_variable = "CCCI_EFFECTIVE_CONFIG";

}  // namespace

void pass_config(std::vector<std::string>& environment, const Config& config) {
    base::set_variable(environment, k_variable, to_json(config).dump());
}

Config effective_config(const std::vector<std::string>& environment) {
    const auto text = base::find_variable(environment, k_variable);
    if (!text) {
        throw UsageError{
            fmt::format("this program is for cc-ci to call: {} is not set", k_variable)};
    }
    Config config;
    apply_json(config, nlohmann::json::parse(*text), k_variable);
    return config;
}

}  // namespace ccci::run
