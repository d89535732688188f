#pragma once

#include <stdexcept>

namespace ccci::run {

/// The caller's input is wrong: nothing was done, exit code 2. The text is one line that names the
/// value.
class UsageError : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

}  // namespace ccci::run
