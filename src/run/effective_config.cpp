#include "run/effective_config.hpp"

#include <fmt/format.h>

#include <charconv>
#include <nlohmann/json.hpp>
#include <system_error>

#include "base/process.hpp"
#include "base/text.hpp"
#include "run/usage_error.hpp"

namespace ccci::run {

namespace {

constexpr const char* k_variable = "CCCI_EFFECTIVE_CONFIG";
constexpr const char* k_revision = "CCCI_LOCK_REVISION";

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
    if (const auto revision = base::find_variable(environment, k_revision)) {
        const char* const end = revision->data() + revision->size();
        const auto [rest, error] = std::from_chars(revision->data(), end, config.lock_revision);
        if (error != std::errc{} || rest != end || config.lock_revision <= 0) {
            throw UsageError{fmt::format("{}: want a number, not '{}'", k_revision,
                                         base::printable(*revision, 100))};
        }
    }
    return config;
}

}  // namespace ccci::run
