#pragma once

#include <chrono>
#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "engine/client.hpp"
#include "engine/event_stream.hpp"
#include "platform/object.hpp"
#include "platform/platform.hpp"
#include "run/names.hpp"

namespace ccci::platform {

/// When a teardown stops before its time.
struct Patience {
    /// Nothing changes any more: a volume that some other container uses.
    std::chrono::milliseconds stuck = std::chrono::seconds{60};
    /// The engine does not answer, for example because it is being restarted.
    std::chrono::milliseconds unreachable = std::chrono::seconds{30};
};

/// What is done about one object in one pass.
struct Step {
    enum class Action { remove, kill } action = Action::remove;
    Object object;

    bool operator==(const Step&) const = default;
};

/// Which parts of an app a teardown leaves alone, and how it treats the rest.
struct Sparing {
    std::set<std::pair<Kind, std::string>> keep = {};  ///< by name
    /// Where the domain is locked for several hosts: the revision at which it became ours. What is
    /// labelled with a higher one was deployed by a later holder, and then all of it is.
    std::int64_t revision = 0;
    bool let_stop = false;  ///< containers end in their own time, for what they still write is kept
};

/// Everything that exists of the app of one domain. Throws engine::EngineError.
std::vector<Object> find_stack(engine::Client& engine, const std::string& domain,
                               const std::filesystem::path& abra_dir,
                               const run::RunAppPattern& pattern);

/// What can be done now, given all that is left of an app: services at once; containers are killed
/// rather than stopped, unless what they could still write is kept; networks only when no
/// task or container is left, or the Swarm leaks an address for each task (moby#37338); volumes
/// only after the tasks. Tasks and their containers are removed by the Swarm, except a container
/// whose task is gone.
std::vector<Step> plan_removal(const std::vector<Object>& left, bool let_stop = false);

/// One teardown: lists what there is, does what can be done, waits for something to change, until
/// nothing was found twice in a row. Twice, because a `stack deploy` that was killed may have one
/// request on its way into the engine.
class StackTeardown {
public:
    using Time = std::chrono::steady_clock::time_point;

    StackTeardown(engine::Client& engine, const std::string& domain,
                  const std::filesystem::path& abra_dir, const run::RunAppPattern& pattern,
                  Patience patience, Sparing sparing = {});

    /// Throws engine::EngineError when the engine cannot be asked.
    TeardownReport run(Time until);

private:
    std::vector<Object> find();
    /// Why nothing of it may be touched; empty: all of it may.
    [[nodiscard]] std::string owned_by_another(const std::vector<Object>& found) const;
    /// True when the object was removed by it.
    bool perform(const Step& step);
    void wait(Time until);

    engine::Client& engine_;
    std::string domain_;
    std::string stack_;
    const std::filesystem::path& abra_dir_;
    const run::RunAppPattern& pattern_;
    Patience patience_;
    Sparing sparing_;
    std::optional<engine::EventStream> events_;
    std::set<std::pair<Kind, std::string>> removed_;
    std::map<std::pair<Kind, std::string>, std::string> failures_;
    std::map<std::string, int> counts_;
    std::size_t out_of_reach_ = 0;
};

}  // namespace ccci::platform
