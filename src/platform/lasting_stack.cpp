#include "platform/lasting_stack.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>
#include <utility>

#include <nlohmann/json.hpp>

#include "base/text.hpp"
#include "engine/engine_error.hpp"
#include "platform/object.hpp"
#include "platform/stack_teardown.hpp"
#include "platform/volume_directory.hpp"

namespace ccci::platform {

namespace {

using nlohmann::json;

/// The longest stop_grace_period that is waited for.
constexpr std::chrono::minutes k_longest_stop{5};

std::filesystem::path read_mountpoint(const engine::Answer& answer, const std::string& volume) {
    std::string driver;
    bool plain = false;
    std::filesystem::path path;
    try {
        const json& facts = answer.value();
        const json options = facts.value("Options", json());
        driver = facts.value("Driver", "");
        plain = driver == "local" && options.empty();
        path = facts.value("Mountpoint", "");
    } catch (const json::exception& error) {
        throw engine::EngineError{
            engine::EngineError::Kind::refused,
            fmt::format("docker {}: unexpected answer: {}", answer.request, error.what())};
    }
    if (!plain || !is_volume_here(path)) {
        throw std::runtime_error{fmt::format(
            "volume {}: driver {}{}: only a plain volume on this host can be put away "
            "and brought back",
            base::printable(volume), base::printable(driver), plain ? "" : " or its options")};
    }
    return path;
}

}  // namespace

LastingStack::LastingStack(const run::Config& config, const std::string& domain)
    : config_{config}, domain_{run::check_domain(domain)}, engine_{config.docker_socket} {}

Belongings LastingStack::belongings() {
    Belongings result;
    engine_.set_deadline(std::nullopt);
    for (const Object& object :
         find_stack(engine_, domain_, config_.abra_dir, config_.run_app_pattern)) {
        if (object.kind == Kind::volume) {
            result.volumes.push_back(object.name);
        } else if (object.kind == Kind::secret) {
            result.secrets.push_back(object.name);
        }
    }
    std::ranges::sort(result.volumes);
    std::ranges::sort(result.secrets);
    return result;
}

TeardownReport LastingStack::remove_all_but(const Belongings& kept, Ending ending,
                                            std::chrono::steady_clock::time_point until) {
    Sparing sparing{.revision = config_.lock_revision, .let_stop = ending == Ending::stop};
    for (const std::string& volume : kept.volumes) {
        sparing.keep.insert({Kind::volume, volume});
    }
    for (const std::string& secret : kept.secrets) {
        sparing.keep.insert({Kind::secret, secret});
    }
    const Patience patience{.stuck = ending == Ending::stop ? k_longest_stop : Patience{}.stuck};
    StackTeardown teardown{engine_,  domain_,           config_.abra_dir, config_.run_app_pattern,
                           patience, std::move(sparing)};
    return teardown.run(until);
}

std::filesystem::path LastingStack::directory_of(const std::string& volume) {
    engine_.set_deadline(std::nullopt);
    const std::string target = "/volumes/" + engine::encode(volume);
    const engine::Answer there = engine_.get(target);
    if (there.status != 404) {
        return read_mountpoint(there, volume);
    }
    const engine::Answer made =
        engine_.post("/volumes/create", {{"Name", volume},
                                         {"Driver", "local"},
                                         {"Labels", {{k_stack_label, run::stack_name(domain_)}}}});
    return read_mountpoint(made, volume);
}

}  // namespace ccci::platform
