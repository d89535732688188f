#pragma once

#include <filesystem>

#include "base/unique_fd.hpp"

namespace ccci::doctor {

/// A directory of nobody else's below /run (for others than root: below their own part of it),
/// removed with all that is in it by the destructor. One whose maker was killed is removed by the
/// next that is made: its maker held a lock on it.
class ThrowAwayDir {
public:
    /// `parent` must exist. Throws std::system_error.
    explicit ThrowAwayDir(const std::filesystem::path& parent);
    ThrowAwayDir(const ThrowAwayDir&) = delete;
    ThrowAwayDir& operator=(const ThrowAwayDir&) = delete;
    ~ThrowAwayDir();

    [[nodiscard]] const std::filesystem::path& path() const { return path_; }
    /// False when something of it could not be removed.
    bool remove() noexcept;

    /// Where it can be made by this user.
    static std::filesystem::path usual_parent();

private:
    std::filesystem::path path_;
    base::UniqueFd lock_;
};

}  // namespace ccci::doctor
