#pragma once

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

#include "engine/client.hpp"
#include "platform/platform.hpp"
#include "run/config.hpp"

namespace ccci::platform {

/// What of an app outlives its services, by full names, sorted.
struct Belongings {
    std::vector<std::string> volumes;
    std::vector<std::string> secrets;
    bool operator==(const Belongings&) const = default;
};

/// How the containers of an app that is removed end.
enum class Ending {
    kill,
    stop,  ///< in their own time, so that their volumes hold what they wanted to write
};

/// The stack of an app that is taken away and brought back with its data. Throws
/// engine::EngineError when the engine cannot be asked.
class LastingStack {
public:
    /// `domain` must be a checked one.
    LastingStack(const run::Config& config, const std::string& domain);

    Belongings belongings();

    /// Removes everything of the app but `kept`, and checks that nothing else is left. No container
    /// uses its volumes then.
    TeardownReport remove_all_but(const Belongings& kept, Ending ending,
                                  std::chrono::steady_clock::time_point until);

    /// Where this volume of the stack is on this host; it is made when there is none. Throws
    /// std::runtime_error for one that is more than a directory of this host.
    std::filesystem::path directory_of(const std::string& volume);

private:
    run::Config config_;
    std::string domain_;
    engine::Client engine_;
};

}  // namespace ccci::platform
