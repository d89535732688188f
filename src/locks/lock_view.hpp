#pragma once

#include <string>

namespace ccci::locks {

enum class LockView {
    held,
    free,
    unknown,  ///< there are processes of ours into which we may not look
};

/// Whether anybody holds the flock of the file that `fd` is open on, for whoever must not lock it,
/// not even for a moment: that would turn away a run that does not want to wait.
///
/// It looks at the open files of every process (proc(5), fdinfo). /proc/locks would not do: in a
/// container it leaves out a lock whose taker is dead, as the step is whose lock systemd holds, and
/// on btrfs and overlayfs it shows another device than stat(2).
LockView view_lock(int fd);

struct LockSight {
    LockView view = LockView::unknown;
    std::string file;  ///< of a lock that is held: how /proc/locks names the file
};

/// The same, and what the one who was seen holding it knows of the file.
LockSight look_at_lock(int fd);

}  // namespace ccci::locks
