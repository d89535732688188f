#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "health/check.hpp"

namespace ccci::health {

/// The Docker engine and its Swarm, as they say.
struct DockerFacts {
    std::string not_needed = {};  ///< why the configuration makes no use of it; empty: it does
    std::string socket = {};
    std::string user = {};     ///< who asks
    int connect_error = 0;     ///< errno of the connection; zero: it was made
    std::string problem = {};  ///< what kept the engine from answering; empty: it did
    std::string version = {};
    std::string api = {};          ///< "1.41"
    std::string swarm_state = {};  ///< "active", "inactive", "locked", ...
    bool manager = false;
    int nodes = 0;
    std::uint64_t subnets = 0;   ///< that the address pools of the Swarm have; zero: not known
    std::uint64_t networks = 0;  ///< that have one
    bool has_proxy_network = false;
    std::string root = {};
    std::uint64_t size = 0;  ///< of the file system of `root`; zero: not to be seen
    std::uint64_t free_bytes = 0;
    bool ipvs = false;
};

Checks judge_docker(const DockerFacts& facts);

/// How many subnets of that size a pool such as "10.0.0.0/8" has; zero for nonsense.
std::uint64_t subnets_of(const std::string& pool, int size);

}  // namespace ccci::health
