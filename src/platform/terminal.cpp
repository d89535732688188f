#include "platform/terminal.hpp"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <termios.h>

#include <cerrno>

#include "base/files.hpp"
#include "base/os_error.hpp"

namespace ccci::platform {

std::pair<base::UniqueFd, base::UniqueFd> make_terminal() {
    base::UniqueFd ours = base::open_file("/dev/ptmx", O_RDWR | O_NOCTTY);
    const int locked = 0;
    if (::ioctl(ours.get(), TIOCSPTLCK, &locked) != 0) {
        base::throw_errno(errno, "unlock a terminal");
    }
    // By descriptor rather than by ptsname(3): the name may lead elsewhere in another mount
    // namespace.
    base::UniqueFd theirs{::ioctl(ours.get(), TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC)};
    if (!theirs) {
        base::throw_errno(errno, "open a terminal");
    }
    termios settings{};
    // A program that draws takes a size of nothing for a mistake.
    const winsize size{.ws_row = 50, .ws_col = 200, .ws_xpixel = 0, .ws_ypixel = 0};
    if (::tcgetattr(theirs.get(), &settings) != 0 ||
        ::ioctl(theirs.get(), TIOCSWINSZ, &size) != 0) {
        base::throw_errno(errno, "set up a terminal");
    }
    settings.c_lflag &= ~static_cast<tcflag_t>(ECHO | ECHONL);
    settings.c_oflag &= ~static_cast<tcflag_t>(OPOST);
    if (::tcsetattr(theirs.get(), TCSANOW, &settings) != 0) {
        base::throw_errno(errno, "set up a terminal");
    }
    return {std::move(ours), std::move(theirs)};
}

}  // namespace ccci::platform
