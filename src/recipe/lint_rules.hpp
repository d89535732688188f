#pragma once

#include <string>
#include <vector>

#include "recipe/compose.hpp"
#include "recipe/interpolate.hpp"

namespace ccci::recipe {

/// A tag that is a published version.
struct VersionTag {
    std::string name;
    bool annotated = false;
};

/// What the rules look at.
struct LintFacts {
    Compose compose;
    Variables abra_exports;            ///< what abra.sh sets
    bool has_history = false;          ///< the tree is a git repository
    std::vector<VersionTag> versions;  ///< in no order
};

/// One rule and what it found. The numbers are those of `abra recipe lint`, where a rule means the
/// same (https://pkg.go.dev/coopcloud.tech/abra/pkg/lint).
struct LintFinding {
    std::string rule;                   ///< "R003"
    std::string meaning;                ///< "every image has a tag"
    bool warning = false;               ///< else it fails the recipe
    std::vector<std::string> problems;  ///< for the maintainer; none: the rule is kept
};

/// Every rule, in the order of its number.
std::vector<LintFinding> lint(const LintFacts& facts);

}  // namespace ccci::recipe
