#include <nlohmann/json.hpp>

#include "fuzz/fuzz.hpp"
#include "run/config.hpp"
#include "run/usage_error.hpp"

// The variables that change the configuration, one a line. They hold whatever bytes somebody put
// there; what is accepted can be handed on as JSON.

namespace ccci::fuzz {

void check(std::string_view input) {
    std::vector<std::string> environment;
    for (const char* name :
         {"CCCI_APP_LOCK_DIR=", "CCCI_RUNS_DIR=", "CCCI_BASE_DOMAIN=", "CCCI_PLATFORM="}) {
        // A variable ends at its first NUL.
        environment.push_back(name + std::string{take_line(input).c_str()});
    }
    run::Config config;
    try {
        run::apply_environment(config, environment);
    } catch (const run::UsageError& error) {
        require(is_printable(error.what()), "a complaint is one printable line", error.what());
        return;
    }
    require(config.runs_dir.is_absolute() && config.lock_dir.is_absolute(),
            "paths are absolute, whatever the working directory is");

    const std::string told = to_json(config).dump();
    run::Config seen;
    run::apply_json(seen, nlohmann::json::parse(told), "parent");
    require(to_json(seen) == to_json(config), "a child sees the same configuration", told);
}

}  // namespace ccci::fuzz
