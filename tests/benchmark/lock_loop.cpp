// lock_loop DIRECTORY: the least that a look at every lock file takes. Opens each, tries its flock
// and closes it; prints how many were free and how many held.

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cstdio>

int main(int argc, char** argv) {
    DIR* directory = argc == 2 ? ::opendir(argv[1]) : nullptr;
    if (directory == nullptr) {
        std::fputs("usage: lock_loop DIRECTORY\n", stderr);
        return 2;
    }
    int free = 0;
    int held = 0;
    while (const dirent* entry = ::readdir(directory)) {
        if (entry->d_name[0] == '.') {
            continue;
        }
        const int fd = ::openat(::dirfd(directory), entry->d_name, O_RDWR | O_NOFOLLOW | O_CLOEXEC);
        if (fd < 0) {
            std::perror(entry->d_name);
            return 1;
        }
        ++(::flock(fd, LOCK_EX | LOCK_NB) == 0 ? free : held);
        ::close(fd);
    }
    ::closedir(directory);
    std::printf("%d free, %d held\n", free, held);
}
