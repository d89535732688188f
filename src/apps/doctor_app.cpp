#include "apps/doctor_app.hpp"

#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <memory>
#include <nlohmann/json.hpp>

#include "base/unique_fd.hpp"
#include "base/user.hpp"
#include "engine/client.hpp"
#include "health/docker_checks.hpp"
#include "health/leftover_checks.hpp"
#include "janitor/janitor.hpp"
#include "platform/platform.hpp"
#include "run/usage_error.hpp"

namespace ccci::apps {

namespace {

using nlohmann::json;

constexpr std::chrono::milliseconds k_patience{3000};

int connect_error(const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof address.sun_path) {
        return ENAMETOOLONG;
    }
    path.copy(address.sun_path, path.size());
    const base::UniqueFd socket{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    return ::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0
               ? 0
               : errno;
}

void read_swarm(health::DockerFacts& facts, engine::Client& engine) {
    const json swarm = engine.get("/swarm").value();
    const int size = swarm.value("SubnetSize", 0);
    const json pools = swarm.value("DefaultAddrPool", json());
    for (const json& pool : pools.is_array() ? pools : json::array()) {
        facts.subnets += health::subnets_of(pool.get<std::string>(), size);
    }
    const json networks = engine.get("/networks").value();
    for (const json& network : networks) {
        if (network.value("Scope", "") == "swarm") {
            ++facts.networks;
            facts.has_proxy_network |= network.value("Name", "") == "proxy";
        }
    }
}

void ask_engine(health::DockerFacts& facts) {
    engine::Client engine{facts.socket};
    engine.set_deadline(std::chrono::steady_clock::now() + k_patience);
    const json info = engine.get("/info").value();
    facts.version = info.value("ServerVersion", "");
    facts.api = engine.version();
    facts.root = info.value("DockerRootDir", "");
    const json swarm = info.value("Swarm", json::object());
    facts.swarm_state = swarm.value("LocalNodeState", "");
    facts.manager = swarm.value("ControlAvailable", false);
    facts.nodes = swarm.value("Nodes", 0);
    if (facts.swarm_state == "active" && facts.manager) {
        read_swarm(facts, engine);
    }
}

health::Checks look_at_engine(const run::Config& config) {
    health::DockerFacts facts;
    facts.socket = config.docker_socket.native();
    facts.user = base::user_name(::geteuid());
    if (!run::is_on_swarm(config.platform)) {
        facts.not_needed = fmt::format("platform is '{}'", to_string(config.platform));
        return judge_docker(facts);
    }
    facts.connect_error = connect_error(facts.socket);
    if (facts.connect_error == 0) {
        try {
            ask_engine(facts);
        } catch (const std::exception& error) {
            facts.problem = error.what();
        }
    }
    struct statvfs space {};
    if (!facts.root.empty() && ::statvfs(facts.root.c_str(), &space) == 0) {
        facts.size = static_cast<std::uint64_t>(space.f_blocks) * space.f_frsize;
        facts.free_bytes = static_cast<std::uint64_t>(space.f_bavail) * space.f_frsize;
    }
    struct stat info {};
    facts.ipvs = ::stat("/proc/net/ip_vs", &info) == 0;
    return judge_docker(facts);
}

health::Checks look_at_orphans(const run::Config& config) {
    if (run::is_on_swarm(config.platform) && connect_error(config.docker_socket.native()) != 0) {
        return {health::judge_reaping({.not_known = "Docker does not answer"})};
    }
    struct stat info {};
    if (::stat(config.lock_dir.c_str(), &info) != 0) {
        return {health::judge_reaping({.not_known = "there is no lock directory"})};
    }
    const auto platform = platform::make_platform(config);
    const janitor::Pass pass = janitor::make_pass(
        config, platform.get(), {.dry_run = true, .only = {}}, [](const janitor::Outcome&) {});
    health::ReapingFacts facts;
    for (const janitor::Outcome& outcome : pass.outcomes) {
        const std::string item =
            fmt::format("{} ({})", outcome.action.domain, outcome.action.evidence);
        switch (outcome.action.act) {
            case janitor::Act::reap:
                facts.orphans.push_back(item);
                break;
            case janitor::Act::warn:
                facts.overdue.push_back(item);
                break;
            case janitor::Act::probe:
                facts.unseen.push_back(item);
                break;
            default:
                break;
        }
    }
    facts.problems = pass.problems;
    return {judge_reaping(facts)};
}

int print_checks(const run::Config& config, const std::string& part) {
    if (part != "engine" && part != "orphans") {
        throw run::UsageError{"doctor: want engine or orphans"};
    }
    const json checks = part == "engine" ? look_at_engine(config) : look_at_orphans(config);
    fmt::print("{}\n", checks.dump(-1, ' ', false, json::error_handler_t::replace));
    return 0;
}

}  // namespace

program::Action add_doctor(CLI::App& program) {
    auto part = std::make_shared<std::string>();
    CLI::App* command = program.add_subcommand("doctor");
    command->add_option("PART", *part)->required();
    return [part](const run::Config& config, const std::vector<std::string>&) {
        return print_checks(config, *part);
    };
}

}  // namespace ccci::apps
