#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "recipe/compose.hpp"
#include "recipe/env_file.hpp"
#include "recipe/secrets.hpp"

namespace ccci::recipe {

/// A compose file from elsewhere than the recipe's tree, which comes after all of that.
struct Overlay {
    std::string name;    ///< for messages: "tests/compose.cc-ci.yml"
    std::string origin;  ///< "recipe" or "site"
    std::filesystem::path path;
};

/// What the files of a recipe and the env file of an app come to.
struct App {
    Variables variables;  ///< for the compose files: the env file, then abra.sh, then STACK_NAME
    std::vector<std::filesystem::path> compose_files;  ///< absolute
    Compose compose;
    std::vector<SecretPlan> secrets;
};

/// The env file of a new app: the sample with `<recipe>.example.com` made the domain, and DOMAIN,
/// TYPE and `additions` set. Everything else, comments included, stays as the recipe has it.
std::string new_app_env(std::string_view sample, const std::string& recipe,
                        const std::string& domain, const Variables& additions = {});

/// Writes the env file of a new app, readable by its owner only, in place of any other.
/// Throws RecipeError when the recipe has no .env.sample.
void make_new_app(const std::filesystem::path& recipe_tree, const std::filesystem::path& env_file,
                  const std::string& recipe, const std::string& domain,
                  const Variables& additions = {});

/// Reads everything anew. Throws RecipeError, which names the file and the key.
App load_app(const std::filesystem::path& recipe_tree, const std::filesystem::path& env_file,
             const std::string& stack, const std::vector<Overlay>& overlays = {});

/// True for variables that would make another program of the deploy command, or send it elsewhere:
/// no app may set them.
bool steers_the_command(const std::string& name);

/// What a new app of the recipe would be, with no env file written anywhere. Throws RecipeError.
App load_new_app(const std::filesystem::path& recipe_tree, const std::string& recipe,
                 const std::string& domain, const std::string& stack);

/// The environment for the deploy command: the app's variables, and of ours only what the command
/// itself needs, so that no variable of the CI gets into an app. Throws RecipeError when the app
/// sets one that steers the command.
std::vector<std::string> deploy_environment(const App& app,
                                            const std::vector<std::string>& environment);

}  // namespace ccci::recipe
