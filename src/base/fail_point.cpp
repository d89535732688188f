#include "base/fail_point.hpp"

namespace ccci::base {

// Alone in its object file, so that a program with a definition of its own never takes this one
// from the library.
void fail_point(const char*) {}

}  // namespace ccci::base
