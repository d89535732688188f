#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "platform/convergence.hpp"

namespace ccci::platform {

// What the `abra` command writes: log lines, which begin with "INFO", "WARN", "FATA" and the like,
// and with --machine one JSON document between them.

/// A line as it may be shown: without colours and other commands to a terminal, and printable.
std::string plain_line(std::string_view line);

/// Why abra gave up, in its own words: the last line that begins with "FATA", as plain_line().
/// Empty: it did not say.
std::string fatal_line(std::string_view output);

/// "0.13.0-beta" of "abra version 0.13.0-beta-06a57de"; nullopt when there is no version in it.
std::optional<std::string> find_version(std::string_view output);

/// A service as `abra app ps DOMAIN --machine` tells of it. Texts are as they came.
struct AbraService {
    std::string name;   ///< "app"
    std::string chaos;  ///< "false" when a published version is deployed
    std::string version;
    bool operator==(const AbraService&) const = default;
};

/// The services of an app, by name. Throws std::invalid_argument, which says in what the answer is
/// not of the documented form; fields that do not matter here are not looked at.
std::vector<AbraService> parse_abra_services(std::string_view output);

/// Why this is not what abra should say after it has deployed these services of a checked-out tree;
/// empty when it is.
std::string doubt_about(const std::vector<AbraService>& said,
                        const std::vector<std::string>& services);

/// The same, given what the Engine has of the stack: abra labels it with the commit of the tree, or
/// that and "+U" when the tree has changes.
std::string doubt_about_deploy(const std::vector<ServiceFacts>& there, const std::string& stack,
                               const std::string& chaos_version);

}  // namespace ccci::platform
