#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "platform/platform.hpp"
#include "run/names.hpp"

namespace ccci::platform {

inline constexpr const char* k_stack_label = "com.docker.stack.namespace";
/// How the names of our own begin.
inline constexpr const char* k_label_prefix = "io.cc-ci.";
inline constexpr const char* k_run_label = "io.cc-ci.run";
inline constexpr const char* k_host_label = "io.cc-ci.host";
/// The revision at which the domain became that run's; only where it is locked for several hosts.
inline constexpr const char* k_revision_label = "io.cc-ci.revision";

/// How the name of the config that says whose an app is goes on after "<stack>_", before the
/// revision. It goes last.
inline constexpr const char* k_owner = "cc-ci-owner-";

/// Whatever an app can consist of.
enum class Kind { service, task, container, network, config, secret, volume, env_file };

/// "service", "env file".
std::string to_string(Kind kind);

/// One thing that exists, as much of it as identity and removal need.
struct Object {
    Kind kind = Kind::service;
    std::string id;             ///< what a request for removal names; the path of an env file
    std::string name;           ///< the domain of an env file
    std::string stack;          ///< the value of its stack label; empty when it has none
    std::int64_t revision = 0;  ///< that of its label; 0: it has none
    bool of_task = false;       ///< a container that a task of the Swarm runs in
    bool running = false;   ///< a container that is not stopped; a task that can still do something
    std::string node = {};  ///< of a task: the id of the node that it was given to

    bool operator==(const Object&) const = default;
};

/// The stack that the object belongs to; empty when to none that is known.
///
/// A label decides. Secrets, configs, volumes and networks that were made outside a stack have only
/// a name, "<stack>_<anything>": of all known stacks that fit, the longest one owns it, so that
/// what belongs to `a_b` is never taken for a part of `a`. The known ones are `stacks` and every
/// beginning of the name that is a run app's.
std::string owner_of(const Object& object, const std::set<std::string>& stacks,
                     const run::RunAppPattern& pattern);

/// The run apps that these objects are parts of, by domain, with what there is of each.
std::vector<App> find_apps(const std::vector<Object>& objects, const run::RunAppPattern& pattern);

/// "4 services, 1 network": in the order of Kind, other words after them.
std::string count_text(const std::map<std::string, int>& counts);

}  // namespace ccci::platform
