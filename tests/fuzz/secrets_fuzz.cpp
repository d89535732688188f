#include "recipe/secrets.hpp"

#include "fuzz/fuzz.hpp"
#include "recipe/recipe_error.hpp"

// Keys of secrets on the first line, divided by commas, and the env file that says how they are
// made: a RecipeError, or secrets of the app alone with a length and characters that make sense.

namespace ccci::fuzz {

void check(std::string_view input) {
    std::vector<recipe::ExternalSecret> secrets;
    std::string key;
    for (const char c : take_line(input) + ",") {
        if (c != ',') {
            key += c;
            continue;
        }
        secrets.push_back({key, "app_" + key + "_v1"});
        secrets.push_back({key, key});
        key.clear();
    }
    try {
        const auto env = recipe::parse_env(input, "env");
        for (const recipe::SecretPlan& plan : recipe::plan_secrets(secrets, env, "app")) {
            require(plan.name.starts_with("app_") && plan.name.size() <= 64, "ours", plan.name);
            require(plan.length >= 1 && plan.length <= 4096 && plan.alphabet.size() >= 16,
                    "can be made", plan.name);
            if (plan.length <= 40) {
                const std::string secret = recipe::make_secret(plan);
                require(secret.size() == plan.length, "as long as asked for", secret);
            }
        }
    } catch (const recipe::RecipeError& error) {
        require(is_printable(error.what()), "a complaint is one printable line", error.what());
    }
}

}  // namespace ccci::fuzz
