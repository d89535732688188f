#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "engine/client.hpp"
#include "platform/convergence.hpp"
#include "run/config.hpp"

namespace ccci::platform {

/// What `docker stack deploy` is given.
struct Deployment {
    std::vector<std::filesystem::path> compose_files;  ///< relative ones are below `directory`
    std::vector<std::string>
        environment;                  ///< "NAME=value": the whole environment, also for ${NAME}
    std::filesystem::path directory;  ///< where the command runs
};

/// The app of one domain on the Swarm: what a recipe run does with it between its clean slate and
/// its teardown. Everything made here carries the stack's label or name, so that SwarmPlatform
/// finds it whenever this process is killed; there is nothing to undo.
///
/// Throws engine::EngineError when the engine cannot be asked. What a recipe can get wrong is an
/// outcome: a sentence for its maintainer.
class SwarmApp {
public:
    using Deadline = std::chrono::steady_clock::time_point;

    /// `domain` must be a checked one. `run_id` becomes the label io.cc-ci.run of secrets and
    /// configs.
    SwarmApp(const run::Config& config, const std::string& domain, std::string run_id);

    [[nodiscard]] const std::string& stack() const { return stack_; }

    /// Creates it under exactly this name ("<stack>_db_password_v1"). False when one of that name
    /// exists already, which is left as it is: secrets and configs cannot be changed.
    bool create_secret(const std::string& name, const std::string& data);
    bool create_config(const std::string& name, const std::string& data);

    /// Where the domain is locked for several hosts: run, host and revision, for what is deployed.
    /// Else empty.
    [[nodiscard]] std::map<std::string, std::string> owner_labels() const;

    /// Where the domain is locked for several hosts: makes a config that says by which run, of
    /// which host, and under which lock what is deployed from now on was made. To be called before.
    void mark_owner();

    /// Those of these secrets that do not exist.
    std::vector<std::string> missing_secrets(const std::vector<std::string>& names);

    /// Brings these images to this host, all at a time, until `until`. With resolve_image "never"
    /// those that are here already are not asked for. Returns a sentence for each image that is not
    /// here afterwards; a registry that fails does not matter for one that is.
    [[nodiscard]] std::vector<std::string> pull(const std::vector<std::string>& images,
                                                Deadline until);

    /// Runs `docker stack deploy --prune`, its output on our stdout. It is killed at `until`, and
    /// dies with us. Returns why it failed, in a line; nullopt when the Swarm has accepted it.
    [[nodiscard]] std::optional<std::string> deploy(const Deployment& deployment, Deadline until);

    /// Takes the look that wait_converged() compares with. deploy() does it by itself; whoever
    /// deploys by other means does it before.
    void look_before_deploy();

    /// Waits until every service has converged, with tasks that have been running for a moment, as
    /// convergence.hpp defines it, or until it is certain that one never will. Compares with what
    /// was there before the last deploy. What an earlier wait has seen running since then does not
    /// have to show it again. Survives a restart of the engine.
    Convergence wait_converged(Deadline until);

    /// After something was done to the app that its tasks may not survive: the next wait begins
    /// anew to watch them.
    void expect_trouble() { steadiness_.forget(); }

    /// The app's services as they are now, by name.
    std::vector<ServiceFacts> services();

    /// The first port of this host that leads to the service ("app"), through the ingress network
    /// or directly to a running task; nullopt when none is published.
    std::optional<std::uint16_t> published_port(const std::string& service);

    /// Ids of the running containers of a service on this host.
    std::vector<std::string> containers(const std::string& service);

    /// Where a volume of the stack ("data") is on this host; nullopt when it is not here.
    std::optional<std::filesystem::path> volume_on_this_host(const std::string& volume);

    /// Runs a command for a shell in one of the containers, its output on our stdout. Returns why
    /// it failed ("exit 1"); nullopt when it did not. At `until` it is left to itself.
    [[nodiscard]] std::optional<std::string> execute(const std::string& container,
                                                     const std::string& shell_command,
                                                     Deadline until);

private:
    bool create(const std::string& kind, const std::string& name, const std::string& data);
    Snapshot snapshot();

    run::Config config_;
    std::string stack_;
    std::string run_id_;
    engine::Client engine_;
    Snapshot before_;
    Steadiness steadiness_;
};

}  // namespace ccci::platform
