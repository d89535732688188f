#pragma once

#include <stdexcept>

namespace ccci::recipe {

/// The recipe, or what it was asked for, does not work. The text is a sentence for its maintainer:
/// it names the file and the key, the service or the ref. The run fails; cc-ci itself is well.
class RecipeError : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

}  // namespace ccci::recipe
