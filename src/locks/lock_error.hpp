#pragma once

#include <stdexcept>

namespace ccci::locks {

/// The lock directory or a lock file is not as it must be. The text says what to do.
class LockError : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

}  // namespace ccci::locks
