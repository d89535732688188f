#include "platform/swarm_platform.hpp"

#include "engine/client.hpp"
#include "platform/inventory.hpp"

namespace ccci::platform {

std::vector<App> SwarmPlatform::list(const run::RunAppPattern& pattern) {
    engine::Client engine{config_.docker_socket};
    std::vector<Object> objects = list_everything(engine);
    for (Object& file : list_env_files(config_.abra_dir, std::nullopt)) {
        objects.push_back(std::move(file));
    }
    return find_apps(objects, pattern);
}

TeardownReport SwarmPlatform::teardown(const std::string& domain,
                                       std::chrono::steady_clock::time_point until) {
    engine::Client engine{config_.docker_socket};
    StackTeardown teardown{engine,           domain,
                           config_.abra_dir, config_.run_app_pattern,
                           patience_,        {.revision = config_.lock_revision}};
    return teardown.run(until);
}

}  // namespace ccci::platform
