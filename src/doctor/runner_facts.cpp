#include <fmt/format.h>
#include <sys/sysinfo.h>
#include <unistd.h>

#include <system_error>

#include "base/files.hpp"
#include "base/text.hpp"
#include "doctor/patient.hpp"
#include "health/runner_checks.hpp"
#include "systemd/manager.hpp"

namespace ccci::doctor {

namespace {

/// The variables of the runner's process, of which only named ones are looked at: there are secrets
/// among them.
std::vector<std::string> environment_of(const std::string& pid) {
    try {
        return base::split(base::try_read_file(fmt::format("/proc/{}/environ", pid)).value_or(""),
                           '\0');
    } catch (const std::system_error&) {
        return {};
    }
}

/// The first unit of a runner that is loaded.
health::UnitProperties find_unit(const std::vector<std::string>& environment) {
    auto units = health::parse_units(
        show_units({"drone-runner-exec.service", "drone-runner-exec*.service"}, environment));
    for (const auto& [name, unit] : units) {
        if (unit.is_loaded()) {
            return unit;
        }
    }
    return {};
}

}  // namespace

health::Checks look_at_runner(const Patient& patient) {
    health::RunnerFacts facts;
    facts.booted = systemd::is_available(systemd::Which::system);
    facts.deadline = patient.config.deadline;
    facts.teardown_budget = patient.config.teardown_budget;
    facts.own_program = base::own_program().native();
    const long processors = ::sysconf(_SC_NPROCESSORS_ONLN);
    facts.processors = processors > 0 ? static_cast<unsigned>(processors) : 1;
    struct sysinfo memory {};
    if (::sysinfo(&memory) == 0) {
        facts.memory = static_cast<std::uint64_t>(memory.totalram) * memory.mem_unit;
    }
    if (facts.booted) {
        facts.unit = find_unit(patient.environment);
        const std::string pid = facts.unit["MainPID"];
        const auto variables =
            pid.empty() || pid == "0" ? std::vector<std::string>{} : environment_of(pid);
        facts.environment_known = variables.size() > 1;
        facts.capacity = base::find_variable(variables, "DRONE_RUNNER_CAPACITY").value_or("");
        // It puts this one before its own for the steps.
        const auto path = base::find_variable(variables, "DRONE_RUNNER_PATH");
        facts.path = path ? *path : base::find_variable(variables, "PATH").value_or("");
        facts.finds_cc_ci = base::find_program("cc-ci", facts.path).has_value();
    }
    return judge_runner(facts);
}

}  // namespace ccci::doctor
