#include "platform/platform.hpp"

#include <fmt/format.h>

#include "base/duration.hpp"
#include "base/text.hpp"
#include "platform/command_platform.hpp"
#include "platform/object.hpp"
#include "platform/swarm_platform.hpp"

namespace ccci::platform {

std::string TeardownReport::summary() const {
    std::string text;
    if (!removed.empty()) {
        text = fmt::format("removed {} in {}; ", count_text(removed), base::format_duration(took));
    }
    text += clean() ? "nothing left" : "left: " + base::join(left, "; ");
    if (out_of_reach > 0) {
        text +=
            fmt::format("; {} of nodes that are down, and {} when they come back",
                        out_of_reach == 1 ? "1 task is" : fmt::format("{} tasks are", out_of_reach),
                        out_of_reach == 1 ? "ends" : "end");
    }
    return text;
}

std::unique_ptr<Platform> make_platform(const run::Config& config) {
    switch (config.platform) {
        case run::PlatformKind::none:
            return nullptr;
        case run::PlatformKind::swarm:
        case run::PlatformKind::abra:
            return std::make_unique<SwarmPlatform>(config);
        case run::PlatformKind::command:
            return std::make_unique<CommandPlatform>(config);
    }
    return nullptr;
}

}  // namespace ccci::platform
