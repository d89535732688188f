#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "run/config.hpp"

namespace ccci::cli {

/// What every command is given.
struct Context {
    pid_t parent_at_start = 0;  ///< getppid(2), first thing in main()
    std::vector<std::string> environment;
    std::optional<std::string> config_file;  ///< --config
    std::vector<std::string> after_dashes;   ///< what follows the first "--"
    bool has_dashes = false;

    /// What is in force for this call.
    [[nodiscard]] run::Config config() const { return run::load_config(config_file, environment); }
    /// What is in force for the host: the file alone.
    [[nodiscard]] run::Config host_config() const { return run::load_config(config_file, {}); }
};

}  // namespace ccci::cli
