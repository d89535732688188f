// hold_locks DIRECTORY COUNT: makes COUNT lock files as runs leave them while they live, holds them
// all, says so, and lets go at the end of its input. Where they are more than a process may have
// open, in several processes.

#include <fcntl.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>

namespace {

[[noreturn]] void fail(const char* what) {
    std::perror(what);
    std::exit(1);
}

/// As format_time() of base/text writes it.
void format(char (&text)[32], time_t time) {
    tm parts{};
    (void)::gmtime_r(&time, &parts);
    (void)std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S.000Z", &parts);
}

void hold(const char* directory, int number) {
    char path[4096];
    std::snprintf(path, sizeof path, "%s/cc-ci-app-held-%06x.ci.localhost.lock", directory, number);
    const int fd = ::open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0 || ::flock(fd, LOCK_EX | LOCK_NB) != 0) {
        fail(path);
    }
    const time_t now = ::time(nullptr);
    char since[32];
    char until[32];
    format(since, now);
    format(until, now + 3600);
    const int n = ::dprintf(fd,
                            "{\"invocation\":\"%032x\",\"run\":\"held-%d\",\"since\":\"%s\","
                            "\"unit\":\"cc-ci-run-held-%d.service\",\"until\":\"%s\","
                            "\"user\":\"root\"}\n",
                            static_cast<unsigned>(number), number, since, number, until);
    if (n < 0) {
        fail(path);
    }
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 3) {
        std::fputs("usage: hold_locks DIRECTORY COUNT\n", stderr);
        return 2;
    }
    const int count = std::atoi(argv[2]);
    rlimit limit{};
    (void)::getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    int ready[2];
    if (::setrlimit(RLIMIT_NOFILE, &limit) != 0 || ::pipe2(ready, O_CLOEXEC) != 0) {
        fail("hold_locks");
    }
    const int most = static_cast<int>(std::min<rlim_t>(limit.rlim_max, 500'000)) - 16;
    int processes = 0;
    for (int first = 0; first < count; first += most, ++processes) {
        const pid_t child = ::fork();
        if (child < 0) {
            fail("hold_locks: fork");
        }
        if (child == 0) {
            for (int number = first; number < std::min(count, first + most); ++number) {
                hold(argv[1], number);
            }
            char byte = 0;
            (void)!::write(ready[1], "!", 1);
            (void)!::read(STDIN_FILENO, &byte, 1);
            return 0;
        }
    }
    ::close(ready[1]);
    char byte = 0;
    for (int n = 0; n < processes; ++n) {
        if (::read(ready[0], &byte, 1) != 1) {
            return 1;
        }
    }
    std::puts("held");
    (void)std::fflush(stdout);
    while (::wait(nullptr) > 0) {
    }
}
