#include <fmt/format.h>
#include <signal.h>
#include <unistd.h>

#include <nlohmann/json.hpp>
#include <stdexcept>
#include <utility>

#include "base/text.hpp"
#include "doctor/patient.hpp"
#include "doctor/self_test.hpp"
#include "doctor/throw_away_dir.hpp"
#include "health/etcd_checks.hpp"
#include "systemd/manager.hpp"

namespace ccci::doctor {

namespace {

using namespace std::chrono_literals;

health::Checks ask_apps(const Patient& patient, const std::string& part) {
    base::Command command = patient.apps({"doctor", part});
    command.death_signal = SIGKILL;
    const base::Output answer = base::run_and_capture(std::move(command));
    if (!answer.status.success()) {
        throw std::runtime_error{std::string{base::trim(answer.text)}};
    }
    return nlohmann::json::parse(answer.text).get<health::Checks>();
}

health::Checks look_at_etcd(const Patient& patient) {
    base::Command command = patient.apps({});
    command.argv = {base::internal_program("cc-ci-keeper"), "list"};
    command.death_signal = SIGKILL;
    const auto begin = std::chrono::steady_clock::now();
    const base::Output answer = base::run_and_capture(std::move(command));
    return health::judge_etcd(
        {.problem = answer.status.success() ? "" : base::printable(base::trim(answer.text), 300),
         .took = std::chrono::duration_cast<std::chrono::microseconds>(
             std::chrono::steady_clock::now() - begin),
         .endpoints = patient.config.lock.endpoints.size()});
}

launch::ManagerKind usual_manager() {
    if (!systemd::is_available(systemd::Which::system)) {
        return launch::ManagerKind::none;
    }
    return ::geteuid() == 0 ? launch::ManagerKind::system : launch::ManagerKind::user;
}

}  // namespace

health::Checks test_itself(const Patient& patient) {
    const auto manager = usual_manager();
    if (manager == launch::ManagerKind::user && !systemd::is_available(systemd::Which::user)) {
        health::SelfTestFacts facts;
        facts.not_done = "this user has no manager, so its runs are refused";
        return judge_self_test(facts);
    }
    return judge_self_test(
        self_test({.parent = ThrowAwayDir::usual_parent(),
                   .environment = patient.environment,
                   .make_carrier = [manager] { return launch::make_carrier(manager, false); }}));
}

std::string ask_command(std::vector<std::string> argv,
                        const std::vector<std::string>& environment) {
    try {
        return base::run_and_capture(
                   {.argv = std::move(argv), .environment = environment, .death_signal = SIGKILL})
            .text;
    } catch (const std::runtime_error&) {
        return "";
    }
}

std::string show_units(const std::vector<std::string>& units,
                       const std::vector<std::string>& environment) {
    std::vector<std::string> argv{"systemctl", "show", "--no-pager"};
    argv.insert(argv.end(), units.begin(), units.end());
    return ask_command(std::move(argv), environment);
}

std::vector<Question> questions_for(const Patient& patient) {
    std::vector<Question> questions{
        {"systemd", "what carries the runs", [&] { return look_at_systemd(patient); }},
        {"timers", "what tidies up after runs", [&] { return look_at_timers(patient); }},
        {"journal", "where the output of runs is", [] { return look_at_journal(); }},
        {"directories", "a file system that does not answer stops every run",
         [&] { return look_at_directories(patient); }},
        {"lock-files", "what says who has a domain", [&] { return look_at_lock_files(patient); }},
        {"runs", "what is known of runs", [&] { return look_at_runs(patient); }},
        {"kernel", "what a run needs of it", [] { return look_at_kernel(); }},
        {"docker", "apps are deployed, found and removed through its API",
         [&] { return ask_apps(patient, "engine"); }},
        {"orphans", "an app that no run owns takes memory, ports and a name until it is reaped",
         [&] { return ask_apps(patient, "orphans"); }},
    };
    if (patient.config.lock.engine == run::LockEngine::etcd) {
        questions.push_back({"etcd", "domains are locked for several hosts there",
                             [&] { return look_at_etcd(patient); }});
    }
    for (Question& question : questions_about_tools(patient)) {
        questions.push_back(std::move(question));
    }
    questions.push_back(
        {"runner", "it starts the steps that start runs", [&] { return look_at_runner(patient); }});
    if (patient.self_test) {
        questions.push_back({.name = "self-test",
                             .why = "three tiny runs show whether this host keeps its promises",
                             .answer = [&] { return test_itself(patient); },
                             .patience = 40s,
                             .tidies_up = true});
    }
    return questions;
}

}  // namespace ccci::doctor
