#pragma once

namespace ccci::base {

/// A named place in a protocol at which a process may die. Does nothing in what is installed: the
/// definition beside this is empty. The programs of tests/faults link another one, which kills the
/// process, throws std::system_error or waits, as the test asks for.
///
/// Names are unique, and say what has just been done: "lock.taken".
void fail_point(const char* name);

}  // namespace ccci::base
