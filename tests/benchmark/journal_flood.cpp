// journal_flood COUNT LINE RUN: so many entries of a line of that length, with the fields that an
// entry of a run has, one datagram each, as fast as the journal takes them.

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string>

int main(int argc, char** argv) {
    if (argc != 4) {
        std::fputs("usage: journal_flood COUNT LINE RUN\n", stderr);
        return 2;
    }
    sockaddr_un address{.sun_family = AF_UNIX, .sun_path = "/run/systemd/journal/socket"};
    const int fd = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
        std::perror("journal_flood");
        return 1;
    }
    const std::string entry =
        "MESSAGE=" + std::string(std::strtoul(argv[2], nullptr, 10) - 1, '.') +
        "\nPRIORITY=6\nCC_CI_RUN=" + argv[3] + "\nSYSLOG_IDENTIFIER=cc-ci\nCC_CI_TIER=job\n";
    for (long left = std::atol(argv[1]); left > 0; --left) {
        if (::send(fd, entry.data(), entry.size(), MSG_NOSIGNAL) < 0) {
            std::perror("journal_flood");
            return 1;
        }
    }
}
