#include <fmt/format.h>

#include "base/descendants.hpp"
#include "fuzz/fuzz.hpp"

// /proc/<pid>/stat, in which every process chooses its own name, and its neighbours' lives depend
// on where that name is taken to end.

namespace ccci::fuzz {

void check(std::string_view input) {
    (void)base::parse_stat(1, std::string{input});

    const std::string name{input.substr(0, 15)};
    const std::string line = fmt::format(
        "4711 ({}) S 42 4711 4711 0 -1 4194560 0 0 0 0 0 0 0 0 20 0 1 0 987654 0 0\n", name);
    const auto stat = base::parse_stat(4711, line);
    require(stat && stat->state == 'S' && stat->facts.parent == 42 &&
                stat->facts.start_ticks == 987654 && stat->facts.name == name,
            "a name changes nothing but the name", name);
}

}  // namespace ccci::fuzz
