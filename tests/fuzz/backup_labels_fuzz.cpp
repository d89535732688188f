#include <nlohmann/json.hpp>

#include "backup/backup_error.hpp"
#include "backup/labels.hpp"
#include "fuzz/fuzz.hpp"

// Services as the engine tells of them, in an array. A json::exception, a BackupError, or a plan
// that never leaves a volume.

namespace ccci::fuzz {

namespace {

using nlohmann::json;

void check_part(const backup::Part& part) {
    require(!part.volume.empty(), "a volume has a name");
    require(part.path.empty() || part.path.is_relative(), "a relative path", part.path.native());
    for (const std::filesystem::path& name : part.path) {
        require(name != ".." && name != "." && !name.empty(), "a plain path", part.path.native());
    }
    require(is_printable(describe(part)), "a description is one printable line");
}

}  // namespace

void check(std::string_view input) {
    std::vector<platform::ServiceFacts> services;
    try {
        for (const json& service : json::parse(input, nullptr, false)) {
            services.push_back(platform::parse_service(service, "app"));
        }
    } catch (const json::exception&) {
        return;
    }
    try {
        for (const backup::ServicePlan& plan : backup::read_labels(services)) {
            for (const backup::Part& part : plan.parts) {
                check_part(part);
            }
        }
    } catch (const backup::BackupError& error) {
        require(is_printable(error.what()), "a complaint is one printable line", error.what());
    }
}

}  // namespace ccci::fuzz
