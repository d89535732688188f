// line_clock COUNT: so many lines, one every two milliseconds, each with the time of its writing.

#include <stdlib.h>
#include <unistd.h>

#include "flood.hpp"

int main(int argc, char** argv) {
    for (long left = argc == 2 ? ::atol(argv[1]) : 0; left > 0; --left) {
        const std::string line = "at " + std::to_string(flood::now()) + "\n";
        if (::write(STDOUT_FILENO, line.data(), line.size()) < 0) {
            std::perror("line_clock");
            return 1;
        }
        ::usleep(2000);
    }
}
