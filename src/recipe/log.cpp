#include "recipe/log.hpp"

#include <unistd.h>

#include <string>

#include "base/files.hpp"
#include "base/text.hpp"

namespace ccci::recipe {

void log_line(std::string_view line) {
    constexpr std::size_t k_longest_line = 4000;
    base::write_all(STDOUT_FILENO, base::printable(line, k_longest_line) + "\n", "stdout");
}

}  // namespace ccci::recipe
