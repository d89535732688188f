#include "health/docker_checks.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>

namespace ccci::health {

namespace {

constexpr std::uint64_t k_few_subnets = 16;
constexpr std::uint64_t k_docker_room = std::uint64_t{5} << 30;

const Subject k_engine{"docker", "apps are deployed, found and removed through its API"};
const Subject k_swarm{"swarm", "apps are services of a Swarm; without one no deploy begins"};
const Subject k_addresses{"swarm.addresses",
                          "each run makes overlay networks, and none can be made when the pool of "
                          "addresses is used up"};
const Subject k_ipvs{"swarm.ipvs",
                     "the virtual address of a service leads to its tasks through IPVS; without it "
                     "services answer only by tasks.<name>"};
const Subject k_proxy{
    "swarm.proxy",
    "recipes for a proxy have an external network 'proxy', and cannot be deployed "
    "without it"};
const Subject k_space{"docker.space", "images and volumes of runs are there"};

Check judge_engine(const DockerFacts& facts) {
    if (facts.connect_error == EACCES) {
        return k_engine.failed(
            fmt::format("{}: Permission denied", facts.socket),
            command(fmt::format("usermod --append --groups docker {}", shell_word(facts.user))));
    }
    if (facts.connect_error != 0) {
        return k_engine.failed(
            fmt::format("{}: {}", facts.socket, std::strerror(facts.connect_error)),
            command("systemctl start docker.socket docker.service"));
    }
    if (!facts.problem.empty()) {
        return k_engine.failed(facts.problem, command("systemctl restart docker.service"));
    }
    return k_engine.ok(fmt::format("version {}, API {}", facts.version, facts.api));
}

Check judge_swarm(const DockerFacts& facts) {
    if (facts.swarm_state != "active") {
        return k_swarm.failed(fmt::format("the Swarm is {}", facts.swarm_state),
                              facts.swarm_state == "locked"
                                  ? command("docker swarm unlock")
                                  : command("docker swarm init --advertise-addr 127.0.0.1"));
    }
    if (!facts.manager) {
        return k_swarm.failed("this node is no manager, so it may deploy nothing",
                              advice("on a manager: docker node promote this one"));
    }
    if (facts.nodes > 1) {
        return k_swarm.warning(fmt::format("{} nodes: volumes of other nodes are not removed, and "
                                           "locks reach no further than this host",
                                           facts.nodes),
                               advice("have runs on a Swarm of one node"));
    }
    return k_swarm.ok("active, one node, which is a manager");
}

Check judge_addresses(const DockerFacts& facts) {
    if (facts.subnets == 0) {
        return k_addresses.skipped("the engine does not tell the address pool");
    }
    const std::uint64_t left = facts.subnets - std::min(facts.subnets, facts.networks);
    const std::string found =
        fmt::format("{} of {} subnets are in use", facts.networks, facts.subnets);
    const Fix fix = command("docker network prune --force");
    if (left == 0) {
        return k_addresses.failed(found, fix);
    }
    return left < k_few_subnets ? k_addresses.warning(found, fix) : k_addresses.ok(found);
}

Check judge_space(const DockerFacts& facts) {
    if (facts.size == 0) {
        return k_space.skipped(fmt::format("{} cannot be seen by this user", facts.root));
    }
    const std::string found = fmt::format("{} of {} free at {}", size_text(facts.free_bytes),
                                          size_text(facts.size), facts.root);
    const Fix fix = command("docker image prune --all --force");
    if (facts.free_bytes < k_docker_room / 16) {
        return k_space.failed(found, fix);
    }
    return facts.free_bytes < k_docker_room ? k_space.warning(found, fix) : k_space.ok(found);
}

}  // namespace

Checks judge_docker(const DockerFacts& facts) {
    Checks checks;
    const bool answers = facts.connect_error == 0 && facts.problem.empty();
    checks.push_back(facts.not_needed.empty() ? judge_engine(facts)
                                              : k_engine.skipped(facts.not_needed));
    const std::string reason =
        facts.not_needed.empty() ? "Docker does not answer" : facts.not_needed;
    if (!facts.not_needed.empty() || !answers) {
        for (const Subject& subject : {k_space, k_swarm, k_addresses, k_proxy, k_ipvs}) {
            checks.push_back(subject.skipped(reason));
        }
        return checks;
    }
    checks.push_back(judge_space(facts));
    checks.push_back(judge_swarm(facts));
    const bool usable = facts.swarm_state == "active" && facts.manager;
    checks.push_back(usable ? judge_addresses(facts) : k_addresses.skipped("no Swarm"));
    checks.push_back(facts.has_proxy_network
                         ? k_proxy.ok("the network 'proxy' is there")
                         : k_proxy.skipped("there is no network 'proxy', and no key of the "
                                           "configuration asks for one"));
    checks.push_back(facts.ipvs ? k_ipvs.ok("the kernel has it")
                                : k_ipvs.warning("the kernel has no IPVS, or has not loaded it",
                                                 command("modprobe ip_vs")));
    return checks;
}

std::uint64_t subnets_of(const std::string& pool, int size) {
    const auto slash = pool.find('/');
    int prefix = 0;
    if (slash == std::string::npos) {
        return 0;
    }
    const char* end = pool.data() + pool.size();
    const auto [stop, error] = std::from_chars(pool.data() + slash + 1, end, prefix);
    constexpr int k_bits = 32;
    if (error != std::errc{} || stop != end || prefix < 0 || prefix > size || size > k_bits) {
        return 0;
    }
    return std::uint64_t{1} << (size - prefix);
}

}  // namespace ccci::health
