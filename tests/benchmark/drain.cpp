// drain LINE: reads what flood writes to its end, and prints how many bytes it was and how many
// nanoseconds there were from the first byte's writing to the last one's reading. Fails at any byte
// that flood has not written there.

#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <vector>

#include "flood.hpp"

namespace {

[[noreturn]] void fail(const char* what) {
    std::fprintf(stderr, "drain: %s\n", what);
    std::exit(1);
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 2) {
        fail("usage: drain LINE");
    }
    const std::string block = flood::block(std::strtoul(argv[1], nullptr, 10));
    std::vector<char> buffer(std::size_t{1} << 20);
    std::string first;
    std::size_t total = 0;
    std::int64_t last = 0;
    for (;;) {
        const ssize_t n = ::read(STDIN_FILENO, buffer.data(), buffer.size());
        if (n < 0) {
            fail("cannot read");
        }
        if (n == 0) {
            break;
        }
        last = flood::now();
        const char* data = buffer.data();
        auto size = static_cast<std::size_t>(n);
        while (size > 0 && first.size() < flood::k_first) {
            first += *data++;
            --size;
        }
        while (size > 0) {
            const std::size_t at = total % block.size();
            const std::size_t part = size < block.size() - at ? size : block.size() - at;
            if (std::memcmp(data, block.data() + at, part) != 0) {
                fail("not what was written");
            }
            data += part;
            size -= part;
            total += part;
        }
    }
    if (first.compare(0, 6, "begin ") != 0) {
        fail("no first line");
    }
    std::printf("%zu %lld\n", total,
                static_cast<long long>(last - std::strtoll(first.c_str() + 6, nullptr, 10)));
}
