#include <linux/magic.h>
#include <sys/statfs.h>
#include <unistd.h>

#include <array>
#include <filesystem>

#include "base/text.hpp"
#include "base/user.hpp"
#include "doctor/patient.hpp"
#include "health/systemd_checks.hpp"
#include "systemd/controllers.hpp"
#include "systemd/manager.hpp"

namespace ccci::doctor {

namespace {

namespace fs = std::filesystem;

health::CgroupLayout cgroup_layout() {
    const auto is_v2 = [](const char* path) {
        struct statfs info {};
        return ::statfs(path, &info) == 0 && info.f_type == CGROUP2_SUPER_MAGIC;
    };
    return is_v2("/sys/fs/cgroup")           ? health::CgroupLayout::unified
           : is_v2("/sys/fs/cgroup/unified") ? health::CgroupLayout::hybrid
                                             : health::CgroupLayout::none;
}

void look_at_manager(health::SystemdFacts& facts) {
    try {
        facts.controllers =
            systemd::controllers_of(facts.is_root ? systemd::Which::system : systemd::Which::user)
                .names;
    } catch (const std::exception& error) {
        facts.bus_problem = error.what();
    }
}

health::ProgramFacts look_at_program(const std::string& name, const Patient& patient) {
    health::ProgramFacts facts{.name = name,
                               .path = base::internal_program(name).native(),
                               .executable = false,
                               .version = ""};
    facts.executable = ::access(facts.path.c_str(), X_OK) == 0;
    if (facts.executable) {
        const auto words = base::split(
            std::string{base::trim(ask_command({facts.path, "--version"}, patient.environment))},
            ' ');
        facts.version = words.back();
    }
    return facts;
}

/// lib/systemd/system of our own prefix.
std::string unit_files(const std::string& unit) {
    const fs::path folder =
        (base::own_program().parent_path() / "../lib/systemd/system").lexically_normal();
    std::error_code error;
    return fs::exists(folder / unit, error) ? folder.native() : "";
}

}  // namespace

health::Checks look_at_systemd(const Patient& patient) {
    health::SystemdFacts facts;
    facts.booted = systemd::is_available(systemd::Which::system);
    facts.uid = ::geteuid();
    facts.is_root = facts.uid == 0;
    facts.user = base::user_name(facts.uid);
    facts.user_bus = systemd::is_available(systemd::Which::user);
    facts.cgroup = cgroup_layout();
    health::UnitProperties slice;
    health::UnitProperties user_manager;
    if (facts.booted) {
        facts.version = std::string{base::trim(ask_command(
            {"systemctl", "show", "--property=Version", "--value"}, patient.environment))};
        const std::string user_unit = "user@" + std::to_string(facts.uid) + ".service";
        auto units =
            health::parse_units(show_units({"cc-ci.slice", user_unit}, patient.environment));
        slice = units["cc-ci.slice"];
        user_manager = units[user_unit];
        if (facts.is_root || facts.user_bus) {
            look_at_manager(facts);
        }
    }
    health::Checks checks = judge_systemd(facts);
    if (facts.booted) {
        checks.push_back(judge_slice(slice));
    }
    for (const health::Check& check :
         judge_user_manager(facts, user_manager, patient.config.teardown_budget)) {
        checks.push_back(check);
    }
    checks.push_back(health::judge_programs(
        {look_at_program("cc-ci-harness", patient), look_at_program("cc-ci-apps", patient),
         look_at_program("cc-ci-keeper", patient)},
        patient.version));
    return checks;
}

health::Checks look_at_timers(const Patient& patient) {
    if (!systemd::is_available(systemd::Which::system)) {
        return {health::Subject{"timers", "what tidies up after runs"}.skipped("no systemd")};
    }
    std::error_code error;
    const bool has_warm_apps = fs::exists(patient.config.state_dir / "warm", error);
    struct Known {
        const char* name;
        const char* does;
        bool needed;
    };
    const std::array known{
        Known{
            "cc-ci-reap",
            "it reaps what the last runs before a crash of the host left, when no run starts soon",
            patient.config.platform != run::PlatformKind::none},
        Known{"cc-ci-prune", "without it the directories of old runs fill runs_dir", true},
        Known{"cc-ci-reconcile", "it makes warm apps canonical again", has_warm_apps}};
    std::vector<std::string> names;
    for (const Known& each : known) {
        names.push_back(std::string{each.name} + ".timer");
        names.push_back(std::string{each.name} + ".service");
    }
    auto units = health::parse_units(show_units(names, patient.environment));
    health::Checks checks;
    for (const Known& each : known) {
        const std::string name = each.name;
        checks.push_back(health::judge_timer({.name = name,
                                              .does = each.does,
                                              .needed = each.needed,
                                              .timer = units[name + ".timer"],
                                              .service = units[name + ".service"],
                                              .unit_files = unit_files(name + ".timer")}));
    }
    return checks;
}

}  // namespace ccci::doctor
