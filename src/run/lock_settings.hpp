#pragma once

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

namespace ccci::run {

enum class LockEngine {
    flock,  ///< the kernel's, on this host
    etcd,   ///< that one first, and then a key in etcd, for all hosts
};

/// How a domain is locked: the key `lock` of the configuration.
struct LockSettings {
    LockEngine engine = LockEngine::flock;

    // The rest is for etcd.

    std::vector<std::string> endpoints;  ///< "https://10.0.0.1:2379"
    std::string prefix = "/cc-ci/";      ///< of all keys; ends with a slash
    /// How long a lease lives that nobody keeps alive: what others wait for after the death of a
    /// host.
    std::chrono::microseconds ttl = std::chrono::minutes{3};
    /// How long before the end of its lease a run that cannot keep it alive stops and tears down.
    std::chrono::microseconds margin = std::chrono::seconds{90};
    std::filesystem::path ca_file;
    std::filesystem::path cert_file;
    std::filesystem::path key_file;
    std::string user;
    std::filesystem::path password_file;
    std::string host;  ///< what the others call this one; empty: its host name

    bool operator==(const LockSettings&) const = default;
};

/// Throws std::invalid_argument, which says what is wrong, or nlohmann::json::exception for a wrong
/// type. Keys that are left out keep their defaults.
LockSettings lock_settings_from(const nlohmann::json& in);
nlohmann::json to_json(const LockSettings& settings);

/// The name of this host in claims.
std::string host_name(const LockSettings& settings);

}  // namespace ccci::run
