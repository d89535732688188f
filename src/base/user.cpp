#include "base/user.hpp"

#include <fmt/format.h>
#include <grp.h>
#include <pwd.h>
#include <unistd.h>

#include <cerrno>
#include <stdexcept>

#include "base/os_error.hpp"

namespace ccci::base {

std::string user_name(uid_t uid) {
    if (uid == 0) {
        return "root";  // without asking whatever name services are configured
    }
    const passwd* entry = ::getpwuid(uid);
    return entry != nullptr ? entry->pw_name : std::to_string(uid);
}

void become_user(uid_t uid) {
    const passwd* entry = ::getpwuid(uid);
    if (entry == nullptr) {
        throw std::runtime_error{fmt::format("become user {}: no such user", uid)};
    }
    const gid_t group = entry->pw_gid;
    if (::initgroups(entry->pw_name, group) != 0 || ::setresgid(group, group, group) != 0 ||
        ::setresuid(uid, uid, uid) != 0) {
        throw_errno(errno, "become user {}", uid);
    }
}

}  // namespace ccci::base
