#pragma once

#include <string>

#include "health/check.hpp"

namespace ccci::health {

enum class Distribution { debian, nixos, other };

/// A program of the host that the configuration makes use of.
struct ToolFacts {
    std::string name = {};     ///< "git", or a path
    std::string label = {};    ///< of the check: "git"
    std::string package = {};  ///< what brings it
    std::string purpose = {};
    std::string path = {};      ///< empty: not found
    bool runs = false;          ///< it said a version
    std::string version = {};   ///< the first line of what it said
    std::string must_say = {};  ///< a word that tells the right one from others: "GNU"; empty: any
};

Check judge_tool(const ToolFacts& facts, Distribution distribution);

/// A file with a secret that the configuration names.
struct SecretFileFacts {
    std::string key = {};
    std::string path = {};
    std::string purpose = {};
    std::string problem = {};  ///< why it cannot be read; empty: it can
    unsigned mode = 0;
};

Check judge_secret_file(const SecretFileFacts& facts);

}  // namespace ccci::health
