// processes COUNT FIFO: COUNT processes, this one included, that do nothing until they are killed.
// Each of them has the FIFO open for writing, so whoever reads there sees the end of the last one;
// one byte says that all are there.

#include <fcntl.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

int main(int argc, char** argv) {
    if (argc != 3) {
        std::fputs("usage: processes COUNT FIFO\n", stderr);
        return 2;
    }
    const int fd = ::open(argv[2], O_WRONLY);
    if (fd < 0) {
        std::perror(argv[2]);
        return 1;
    }
    for (int more = std::atoi(argv[1]) - 1; more > 0; --more) {
        const pid_t child = ::fork();
        if (child < 0) {
            std::perror("processes: fork");
            return 1;
        }
        if (child == 0) {
            for (;;) {
                ::pause();
            }
        }
    }
    if (::write(fd, "!", 1) != 1) {
        return 1;
    }
    for (;;) {
        ::pause();
    }
}
