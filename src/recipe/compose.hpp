#pragma once

#include <string>
#include <vector>

#include "recipe/interpolate.hpp"

namespace ccci::recipe {

struct ComposeFile {
    std::string name;  ///< for messages: "compose.yml"
    std::string text;
};

/// A secret that exists, or must, before the deploy.
struct ExternalSecret {
    std::string key;   ///< in the compose file: "db_password"
    std::string name;  ///< on the Swarm, variables replaced: "<stack>_db_password_v1"
    bool operator==(const ExternalSecret&) const = default;
};

struct ComposeService {
    std::string name;
    std::string image;                       ///< variables replaced; empty: none
    bool healthcheck = false;                ///< asks for one that is not disabled
    std::vector<std::string> deploy_labels;  ///< as written, "name=value" each
    bool operator==(const ComposeService&) const = default;
};

/// A config that the deploy makes of a file. The Swarm never changes one that exists.
struct ComposeConfig {
    std::string key;   ///< in the compose file: "page"
    std::string name;  ///< as written, variables and all; empty: docker makes one up
    bool operator==(const ComposeConfig&) const = default;
};

/// What a run must know of a recipe's compose files; all the rest is docker's matter.
struct Compose {
    std::vector<std::string> formats;              ///< the "version" of each file that has one
    std::vector<ComposeService> services;          ///< sorted by name
    std::vector<ComposeConfig> configs;            ///< sorted by key, without external ones
    std::vector<std::string> images;               ///< sorted, each once
    std::vector<ExternalSecret> external_secrets;  ///< sorted by key
};

/// Reads files that are merged as docker does it: what is said later wins. Throws RecipeError,
/// which names the file and the key, for bad YAML, for a variable that is required and not set, for
/// an image or the name of an external secret with a variable that is not set, and for no service
/// at all.
Compose read_compose(const std::vector<ComposeFile>& files, const Variables& variables);

}  // namespace ccci::recipe
