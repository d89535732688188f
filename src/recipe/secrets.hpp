#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "recipe/compose.hpp"
#include "recipe/env_file.hpp"

namespace ccci::recipe {

/// A secret that the run makes up before it deploys.
struct SecretPlan {
    std::string name;      ///< on the Swarm
    std::string alphabet;  ///< the characters that it is made of
    std::size_t length = 0;
    bool operator==(const SecretPlan&) const = default;
};

/// Which of the external secrets are to be made up, and how: those whose name begins with the
/// stack's
/// ("<stack>_"), any other is the operator's. The line SECRET_<KEY>_VERSION of the env file may say
/// more in its comment: `length=<n>` (32), `charset=hex`, `charset=special`, `generate=false` for
/// one that the recipe's install_steps bring. Throws RecipeError for what makes no sense.
std::vector<SecretPlan> plan_secrets(const std::vector<ExternalSecret>& secrets,
                                     const std::vector<EnvEntry>& env, const std::string& stack);

/// A new value from the kernel's random numbers; every character is equally likely.
std::string make_secret(const SecretPlan& plan);

}  // namespace ccci::recipe
