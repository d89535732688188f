#pragma once

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

namespace ccci::etcd {

/// Where etcd is, and who asks.
struct Settings {
    std::vector<std::string> endpoints;        ///< "https://10.0.0.1:2379"; tried in turn
    std::filesystem::path ca_file = {};        ///< empty: the authorities of this system
    std::filesystem::path cert_file = {};      ///< empty: no certificate of our own
    std::filesystem::path key_file = {};       ///< of cert_file
    std::string user = {};                     ///< empty: no authentication
    std::filesystem::path password_file = {};  ///< read at each authentication
    /// Of one request to one endpoint, connecting included.
    std::chrono::milliseconds request_limit = std::chrono::seconds{3};
};

}  // namespace ccci::etcd
