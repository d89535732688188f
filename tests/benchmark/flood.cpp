// flood BYTES LINE: so many bytes, in lines of that length, as fast as they are taken.

#include "flood.hpp"

#include <unistd.h>

#include <cstdlib>

namespace {

void write_all(const char* data, std::size_t size) {
    while (size > 0) {
        const ssize_t n = ::write(STDOUT_FILENO, data, size);
        if (n < 0) {
            std::perror("flood");
            std::exit(1);
        }
        data += n;
        size -= static_cast<std::size_t>(n);
    }
}

}  // namespace

int main(int argc, char** argv) {
    const std::size_t line = argc == 3 ? std::strtoul(argv[2], nullptr, 10) : 0;
    if (line < 9) {
        std::fputs("usage: flood BYTES LINE (at least 9)\n", stderr);
        return 2;
    }
    std::size_t left = std::strtoul(argv[1], nullptr, 10) / line * line;
    const std::string block = flood::block(line);
    const std::string first = flood::first_line();
    write_all(first.data(), first.size());
    while (left > 0) {
        const std::size_t size = left < block.size() ? left : block.size();
        write_all(block.data(), size);
        left -= size;
    }
}
