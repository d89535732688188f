#include "platform/changes.hpp"

#include <fmt/format.h>

#include <map>
#include <set>

#include "base/text.hpp"
#include "platform/object.hpp"

namespace ccci::platform {

namespace {

using Labels = std::map<std::string, std::string>;

/// Whatever deploys notes there what it was given, which says nothing about what became of it: the
/// image is in this one as well, abra's says which commit was checked out, and ours whose run it
/// is.
bool is_note(const std::string& label) {
    return label == "com.docker.stack.image" || label.starts_with(k_label_prefix) ||
           (label.starts_with("coop-cloud.") && label.ends_with(".chaos-version"));
}

std::string value_in(const Labels& labels, const std::string& name) {
    const auto found = labels.find(name);
    return found == labels.end() ? "none" : base::printable(found->second, 100);
}

void compare_labels(const std::string& service, const Labels& before, const Labels& after,
                    std::vector<std::string>& changes) {
    std::set<std::string> names;
    for (const Labels* labels : {&before, &after}) {
        for (const auto& [name, value] : *labels) {
            names.insert(name);
        }
    }
    std::erase_if(names, is_note);
    for (const std::string& name : names) {
        const std::string was = value_in(before, name);
        const std::string is = value_in(after, name);
        if (was != is) {
            changes.push_back(
                fmt::format("{}: {} {} -> {}", service, base::printable(name, 100), was, is));
        }
    }
}

}  // namespace

std::vector<std::string> changes_between(const std::vector<ServiceFacts>& before,
                                         const std::vector<ServiceFacts>& after) {
    std::map<std::string, std::pair<const ServiceFacts*, const ServiceFacts*>> services;
    for (const ServiceFacts& service : before) {
        services[service.name].first = &service;
    }
    for (const ServiceFacts& service : after) {
        services[service.name].second = &service;
    }
    std::vector<std::string> changes;
    for (const auto& [name, pair] : services) {
        const auto& [was, is] = pair;
        if (was == nullptr || is == nullptr) {
            changes.push_back(fmt::format("{}: {}", name, was == nullptr ? "new" : "gone"));
            continue;
        }
        if (was->image != is->image) {
            changes.push_back(fmt::format("{}: image {} -> {}", name,
                                          base::printable(was->image, 200),
                                          base::printable(is->image, 200)));
        }
        compare_labels(name, was->labels, is->labels, changes);
        compare_labels(name, was->container_labels, is->container_labels, changes);
    }
    return changes;
}

}  // namespace ccci::platform
