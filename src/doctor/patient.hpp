#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/process.hpp"
#include "doctor/examination.hpp"
#include "run/config.hpp"

namespace ccci::doctor {

/// The host, as its cc-ci is configured.
struct Patient {
    run::Config config;
    std::vector<std::string> environment;
    std::string version;  ///< of cc-ci
    bool self_test = true;
    /// The call of the program that speaks HTTP, with these arguments: it prints checks as JSON.
    std::function<base::Command(const std::vector<std::string>& arguments)> apps;
};

/// All that there is to ask.
std::vector<Question> questions_for(const Patient& patient);

// What each of them looks at; they gather facts, and leave the judging to health/.

health::Checks look_at_systemd(const Patient& patient);
health::Checks look_at_timers(const Patient& patient);
health::Checks look_at_journal();
health::Checks look_at_directories(const Patient& patient);
health::Checks look_at_lock_files(const Patient& patient);
health::Checks look_at_runs(const Patient& patient);
health::Checks look_at_kernel();
health::Checks look_at_runner(const Patient& patient);
health::Checks test_itself(const Patient& patient);

/// Programs and files that the configuration makes use of, a question each.
std::vector<Question> questions_about_tools(const Patient& patient);

/// What a command prints; empty when it cannot be executed. It dies with us.
std::string ask_command(std::vector<std::string> argv, const std::vector<std::string>& environment);

/// `systemctl show` of these units of the system's manager.
std::string show_units(const std::vector<std::string>& units,
                       const std::vector<std::string>& environment);

}  // namespace ccci::doctor
