#include "backup/labels.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include "backup/backup_error.hpp"
#include "base/text.hpp"

namespace ccci::backup {

namespace {

namespace fs = std::filesystem;
using platform::ServiceFacts;

constexpr std::string_view k_declares = "backupbot.backup";
constexpr std::string_view k_volumes = "backupbot.backup.volumes.";

std::string value_of(const ServiceFacts& service, std::string_view label) {
    const auto found = service.labels.find(std::string{label});
    return found == service.labels.end() ? "" : found->second;
}

[[noreturn]] void reject(const ServiceFacts& service, std::string_view label,
                         const std::string& reason) {
    throw BackupError{fmt::format("{}: label {}: {}", base::printable(service.name),
                                  base::printable(label, 200), reason)};
}

/// nullopt: not said. A variable that nobody sets leaves an empty value.
std::optional<bool> read_switch(const ServiceFacts& service, std::string_view label) {
    const std::string value = value_of(service, label);
    if (value.empty()) {
        return std::nullopt;
    }
    if (value != "true" && value != "false") {
        reject(service, label, fmt::format("want true or false, not '{}'", base::printable(value)));
    }
    return value == "true";
}

fs::path read_path(const ServiceFacts& service, std::string_view label, std::string_view text) {
    const fs::path path{base::trim(text)};
    fs::path clean;
    bool good = !path.empty() && path.is_relative() && text.find('\0') == std::string_view::npos;
    for (const fs::path& name : path) {
        good = good && name != "..";
        if (!name.empty() && name != ".") {
            clean /= name;
        }
    }
    if (!good) {
        reject(service, label,
               fmt::format("'{}' is no path in the volume: want relative ones without .., "
                           "separated by commas",
                           base::printable(text)));
    }
    return clean;
}

std::vector<Part> parts_of_volume(const ServiceFacts& service, const std::string& volume) {
    const std::string label = std::string{k_volumes} + volume;
    if (!read_switch(service, label).value_or(true)) {
        return {};
    }
    const std::string path_label = label + ".path";
    const std::string paths = value_of(service, path_label);
    if (paths.empty()) {
        return {{.service = service.name, .volume = volume, .path = {}}};
    }
    std::vector<Part> parts;
    for (const std::string& path : base::split(paths, ',')) {
        parts.push_back({.service = service.name,
                         .volume = volume,
                         .path = read_path(service, path_label, path)});
    }
    return parts;
}

/// A label for a volume that there is not does nothing, which is not what its author thinks.
void check_volume_names(const ServiceFacts& service, const std::set<std::string>& volumes) {
    for (const auto& [label, value] : service.labels) {
        if (!label.starts_with(k_volumes)) {
            continue;
        }
        const std::string rest = label.substr(k_volumes.size());
        const bool known = std::ranges::any_of(volumes, [&](const std::string& volume) {
            return rest == volume || rest == volume + ".path";
        });
        if (!known) {
            reject(service, label, "no service of the app mounts a volume of this name");
        }
    }
}

ServicePlan plan_service(const ServiceFacts& service) {
    ServicePlan plan{.service = service.name, .parts = {}, .backup = {}, .restore = {}};
    for (const std::string& volume : service.volumes) {
        for (Part& part : parts_of_volume(service, volume)) {
            plan.parts.push_back(std::move(part));
        }
    }
    if (plan.parts.empty()) {
        reject(service, k_declares,
               service.volumes.empty()
                   ? "nothing would be backed up: the service mounts no volume of the app"
                   : "nothing would be backed up: other labels exclude every volume; remove "
                     "backupbot.backup.volumes.<volume>=false of the one with the data, or do "
                     "not declare a backup");
    }
    plan.backup = {value_of(service, "backupbot.backup.pre-hook"),
                   value_of(service, "backupbot.backup.post-hook")};
    plan.restore = {value_of(service, "backupbot.restore.pre-hook"),
                    value_of(service, "backupbot.restore.post-hook")};
    return plan;
}

}  // namespace

std::string describe(const Part& part) {
    const std::string where =
        fmt::format("volume {} of {}", base::printable(part.volume), base::printable(part.service));
    return part.path.empty() ? where
                             : fmt::format("{} in {}", base::printable(part.path.native()), where);
}

std::vector<ServicePlan> read_labels(const std::vector<ServiceFacts>& services) {
    std::set<std::string> volumes;
    for (const ServiceFacts& service : services) {
        volumes.insert(service.volumes.begin(), service.volumes.end());
    }
    std::vector<ServicePlan> plans;
    std::set<std::pair<std::string, fs::path>> taken;
    for (const ServiceFacts& service : services) {
        if (!read_switch(service, k_declares).value_or(false)) {
            continue;
        }
        check_volume_names(service, volumes);
        ServicePlan plan = plan_service(service);
        std::erase_if(plan.parts, [&](const Part& part) {
            return !taken.emplace(part.volume, part.path).second;
        });
        plans.push_back(std::move(plan));
    }
    return plans;
}

}  // namespace ccci::backup
