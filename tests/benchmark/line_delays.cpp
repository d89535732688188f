// line_delays COUNT: reads so many lines of line_clock, and prints for each how many nanoseconds
// ago it was written when it arrived. Other lines are none of its business.

#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <vector>

#include "flood.hpp"

int main(int argc, char** argv) {
    const std::size_t count = argc == 2 ? std::strtoul(argv[1], nullptr, 10) : 0;
    std::vector<long long> delays;
    std::string text;
    char buffer[4096];
    while (delays.size() < count) {
        const ssize_t n = ::read(STDIN_FILENO, buffer, sizeof buffer);
        if (n <= 0) {
            std::fprintf(stderr, "line_delays: %zu lines are missing\n", count - delays.size());
            return 1;
        }
        const std::int64_t now = flood::now();
        text.append(buffer, static_cast<std::size_t>(n));
        for (std::size_t end = text.find('\n'); end != std::string::npos; end = text.find('\n')) {
            if (text.compare(0, 3, "at ") == 0) {
                delays.push_back(now - std::strtoll(text.c_str() + 3, nullptr, 10));
            }
            text.erase(0, end + 1);
        }
    }
    for (const long long delay : delays) {
        std::printf("%lld\n", delay);
    }
}
