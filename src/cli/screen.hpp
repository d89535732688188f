#pragma once

#include <string>
#include <vector>

#include "cli/look.hpp"

namespace ccci::cli {

/// What is drawn over and over on a terminal, on a screen of its own: when it is left, what was
/// there before is there again. Leaves with the object.
class Screen {
public:
    Screen() { enter(); }
    Screen(const Screen&) = delete;
    Screen& operator=(const Screen&) = delete;
    ~Screen() { leave(); }

    void enter();
    void leave();

    /// As many lines as there is room for; nothing scrolls away.
    void draw(const std::vector<std::string>& lines, const Look& look);

private:
    bool entered_ = false;
};

/// What fits that height: where not all lines do, the last one says how many are missing.
std::vector<std::string> fitting(std::vector<std::string> lines, std::size_t height);

}  // namespace ccci::cli
