#include "recipe/results.hpp"

#include <fstream>

#include "base/files.hpp"
#include "fuzz/fuzz.hpp"
#include "recipe/finish.hpp"

// results.json as a job may have left it. The teardown writes its part into it, and a file that is
// no good must not make a teardown that was clean a failed one.

namespace ccci::fuzz {

void check(std::string_view input) {
    const std::filesystem::path file = recipe::results_file(scratch_directory());
    std::ofstream{file, std::ios::binary | std::ios::trunc}.write(
        input.data(), static_cast<std::streamsize>(input.size()));

    recipe::finish_results(
        scratch_directory(),
        platform::TeardownReport{.removed = {{"service", 2}}, .left = {}, .took = {}});

    const auto after =
        nlohmann::json::parse(base::try_read_file(file).value_or(""), nullptr, false);
    if (after.is_object()) {
        require(after.at("teardown").at("clean") == true, "the last teardown counts");
        require(!after.contains("verdict") || after["verdict"] != "running",
                "nothing runs after the teardown");
    }
}

}  // namespace ccci::fuzz
