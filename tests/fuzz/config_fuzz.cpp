#include <nlohmann/json.hpp>

#include "fuzz/fuzz.hpp"
#include "run/config.hpp"
#include "run/usage_error.hpp"

// The configuration file. Anything but a UsageError in one line is a bug, and so is a configuration
// that a child of ours, which gets it as JSON, would see differently.

namespace ccci::fuzz {

void check(std::string_view input) {
    const FileOf file{input};
    run::Config config;
    try {
        config = run::load_config(file.path(), {});
    } catch (const run::UsageError& error) {
        require(is_printable(error.what()), "a complaint is one printable line", error.what());
        return;
    }
    for (const std::filesystem::path* path :
         {&config.lock_dir, &config.runs_dir, &config.docker_socket, &config.abra_dir}) {
        require(path->is_absolute() && path->native().find('\0') == std::string::npos,
                "a path is absolute and whole", path->native());
    }
    require(config.deadline.count() > 0 && config.teardown_budget.count() > 0 &&
                config.stop_grace.count() > 0,
            "times are more than nothing");

    const std::string told = to_json(config).dump();
    run::Config seen;
    run::apply_json(seen, nlohmann::json::parse(told), "parent");
    require(to_json(seen) == to_json(config), "a child sees the same configuration", told);
}

}  // namespace ccci::fuzz
