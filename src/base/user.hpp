#pragma once

#include <sys/types.h>

#include <string>

namespace ccci::base {

/// The number, where no such user is known.
std::string user_name(uid_t uid);

/// Becomes that user for good, with its groups and none of our rights. Only root can. Throws
/// std::system_error; std::runtime_error when there is no such user.
void become_user(uid_t uid);

}  // namespace ccci::base
