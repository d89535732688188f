#include "recipe/settings.hpp"

#include "fuzz/fuzz.hpp"
#include "recipe/app.hpp"
#include "recipe/env_file.hpp"
#include "recipe/recipe_error.hpp"

// cc-ci.json of a recipe: a RecipeError in one line, or settings that are what they must be, of
// which the env file gives back every variable as it was set.

namespace ccci::fuzz {

void check(std::string_view input) {
    recipe::Settings settings = recipe::default_settings({});
    try {
        recipe::apply_settings(settings, input, "cc-ci.json", "recipe");
    } catch (const recipe::RecipeError& error) {
        require(is_printable(error.what()), "a complaint is one printable line", error.what());
        return;
    }
    require(settings.health_path.empty() ||
                (settings.health_path.starts_with('/') && is_printable(settings.health_path)),
            "a path goes into a URL as it is", settings.health_path);
    require(!settings.health_codes.empty(), "some answer is healthy");
    require(settings.health_timeout.count() > 0 && settings.converge_timeout.count() > 0 &&
                settings.pull_timeout.count() > 0,
            "times are more than nothing");
    require(!settings.skip.contains(naming::Tier::fetch) &&
                !settings.skip.contains(naming::Tier::install),
            "there is an install");

    const recipe::Variables read = recipe::to_variables(
        recipe::parse_env(recipe::new_app_env("", "wiki", "a.b", settings.env), "env"));
    require(read.at("DOMAIN") == "a.b" && read.size() == settings.env.size() + 2,
            "the env file has what it must");
    for (const auto& [name, value] : settings.env) {
        require(read.at(name) == value, "a variable is what it was set to", value);
        require(!recipe::steers_the_command(name), "the deploy is not steered", name);
    }
}

}  // namespace ccci::fuzz
