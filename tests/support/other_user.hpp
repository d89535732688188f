#pragma once

#include <grp.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <vector>

#include "base/os_error.hpp"
#include "support/forked_child.hpp"

namespace ccci::test {

/// Debian's nobody: a user who owns nothing here.
constexpr uid_t k_other_uid = 65534;

/// This process becomes that user for good. Only root can.
inline void become_other_user() {
    if (::setgroups(0, nullptr) != 0 || ::setresgid(k_other_uid, k_other_uid, k_other_uid) != 0 ||
        ::setresuid(k_other_uid, k_other_uid, k_other_uid) != 0) {
        base::throw_errno(errno, "become another user");
    }
}

/// Runs the function as that user, to its end; true when it returns 0.
template <typename Function>
bool as_other_user(Function function) {
    return run_in_child([&] {
               become_other_user();
               return function();
           })
        .success();
}

/// The command line that runs a command as that user.
inline std::vector<std::string> other_users(std::vector<std::string> argv) {
    argv.insert(argv.begin(), {"setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"});
    return argv;
}

}  // namespace ccci::test
