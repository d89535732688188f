#include "platform/object.hpp"

#include <fmt/format.h>

#include <array>

#include "base/text.hpp"

namespace ccci::platform {

namespace {

constexpr std::array k_kinds{Kind::service, Kind::task,   Kind::container, Kind::network,
                             Kind::config,  Kind::secret, Kind::volume,    Kind::env_file};

std::string counted(int count, const std::string& word) {
    return fmt::format("{} {}{}", count, word, count == 1 ? "" : "s");
}

}  // namespace

std::string to_string(Kind kind) {
    switch (kind) {
        case Kind::service:
            return "service";
        case Kind::task:
            return "task";
        case Kind::container:
            return "container";
        case Kind::network:
            return "network";
        case Kind::config:
            return "config";
        case Kind::secret:
            return "secret";
        case Kind::volume:
            return "volume";
        case Kind::env_file:
            return "env file";
    }
    return "object";
}

std::string owner_of(const Object& object, const std::set<std::string>& stacks,
                     const run::RunAppPattern& pattern) {
    if (object.kind == Kind::env_file) {
        return run::stack_name(object.name);
    }
    if (!object.stack.empty()) {
        return object.stack;
    }
    for (std::size_t cut = object.name.rfind('_'); cut != std::string::npos && cut > 0;
         cut = object.name.rfind('_', cut - 1)) {
        const std::string stack = object.name.substr(0, cut);
        if (stacks.contains(stack) || pattern.matches(run::domain_of_stack(stack))) {
            return stack;
        }
    }
    return {};
}

std::vector<App> find_apps(const std::vector<Object>& objects, const run::RunAppPattern& pattern) {
    std::set<std::string> stacks;
    for (const Object& object : objects) {
        if (!object.stack.empty()) {
            stacks.insert(object.stack);
        } else if (object.kind == Kind::env_file) {
            stacks.insert(run::stack_name(object.name));
        }
    }
    std::map<std::string, std::map<std::string, int>> counts;
    std::map<std::string, int> task_containers;
    for (const Object& object : objects) {
        const std::string domain = run::domain_of_stack(owner_of(object, stacks, pattern));
        if (!pattern.matches(domain)) {
            continue;
        }
        if (object.of_task) {
            ++task_containers[domain];
        } else {
            ++counts[domain][to_string(object.kind)];
        }
    }
    // They belong to the services, so they are evidence only where no service is left.
    for (const auto& [domain, count] : task_containers) {
        if (!counts[domain].contains(to_string(Kind::service))) {
            counts[domain][to_string(Kind::container)] += count;
        }
    }
    std::vector<App> apps;
    for (const auto& [domain, count] : counts) {
        apps.push_back({domain, count_text(count)});
    }
    return apps;
}

std::string count_text(const std::map<std::string, int>& counts) {
    std::map<std::string, int> rest = counts;
    std::vector<std::string> parts;
    for (const Kind kind : k_kinds) {
        const auto found = rest.extract(to_string(kind));
        if (found) {
            parts.push_back(counted(found.mapped(), found.key()));
        }
    }
    for (const auto& [word, count] : rest) {
        parts.push_back(counted(count, word));
    }
    return base::join(parts, ", ");
}

}  // namespace ccci::platform
