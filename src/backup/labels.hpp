#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "platform/convergence.hpp"

namespace ccci::backup {

/// What is put away as one: a whole volume, or one file or directory in it.
struct Part {
    std::string service;
    std::string volume;          ///< without the stack: "data"
    std::filesystem::path path;  ///< relative, without "." and ".."; empty: the whole volume
    bool operator==(const Part&) const = default;
};

/// "volume data of db", "dump.sql in volume data of db".
std::string describe(const Part& part);

/// Shell commands for the service's container; empty: none.
struct Hooks {
    std::string before;
    std::string after;
    bool operator==(const Hooks&) const = default;
};

/// What the labels of one service declare.
struct ServicePlan {
    std::string service;
    std::vector<Part> parts;  ///< none only when they are all another service's already
    Hooks backup;
    Hooks restore;
    bool operator==(const ServicePlan&) const = default;
};

/// Reads `backupbot.*` of the services' own labels (deploy.labels), as the backupbot of Co-op Cloud
/// does. Empty when no service declares a backup. What two services name alike is the first one's.
/// Throws BackupError.
std::vector<ServicePlan> read_labels(const std::vector<platform::ServiceFacts>& services);

}  // namespace ccci::backup
