#include "naming/warm.hpp"

#include <fmt/format.h>

#include "run/names.hpp"
#include "run/usage_error.hpp"

namespace ccci::naming {

std::string warm_app_domain(const std::string& recipe, const run::Config& config) {
    const std::string domain =
        run::check_domain(fmt::format("warm-{}.{}", recipe, config.base_domain));
    if (config.run_app_pattern.matches(domain)) {
        throw run::UsageError{
            fmt::format("recipe {} can have no warm app: '{}' would be a run app (run_app_pattern "
                        "'{}'), which the janitor removes",
                        recipe, domain, config.run_app_pattern.expression())};
    }
    return domain;
}

std::filesystem::path warm_apps_directory(const run::Config& config) {
    return config.state_dir / "warm";
}

std::filesystem::path warm_app_directory(const std::string& recipe, const run::Config& config) {
    return warm_apps_directory(config) / run::check_recipe(recipe);
}

std::string no_warm_app(const std::string& recipe) {
    return fmt::format("recipe {0} has no warm app; cc-ci warm promote --recipe {0} makes one",
                       recipe);
}

}  // namespace ccci::naming
