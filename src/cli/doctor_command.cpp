#include <fmt/format.h>
#include <signal.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "base/colour.hpp"
#include "base/duration.hpp"
#include "cli/commands.hpp"
#include "cli/print.hpp"
#include "cli/programs.hpp"
#include "doctor/patient.hpp"
#include "health/report.hpp"
#include "version.hpp"

namespace ccci::cli {

namespace {

struct DoctorOptions {
    bool verbose = false;
    bool json = false;
    bool no_self_test = false;
};

/// As people write it, if that is the same.
std::string value_text(const nlohmann::json& value) {
    if (value.is_string() && value.get<std::string>().ends_with("us")) {
        try {
            const auto span = base::parse_duration(value.get<std::string>());
            const std::string text = base::format_duration(span);
            if (base::parse_duration(text) == span) {
                return nlohmann::json(text).dump();
            }
        } catch (const std::invalid_argument&) {
            // It only looks like one.
        }
    }
    return value.dump();
}

std::string origin_of(const run::Config& config, const std::string& key) {
    const auto origin = config.origin.find(key);
    if (origin != config.origin.end()) {
        return origin->second;
    }
    const auto domain = config.origin.find("base_domain");
    return key == "run_app_pattern" && domain != config.origin.end()
               ? fmt::format("{}, by base_domain", domain->second)
               : "default";
}

std::vector<health::Setting> settings_of(const run::Config& config) {
    std::vector<health::Setting> settings;
    const nlohmann::json values = to_json(config);
    for (const auto& [key, value] : values.items()) {
        settings.push_back({key, value_text(value), origin_of(config, key)});
    }
    return settings;
}

/// A janitor looks where the host's configuration says.
health::Check judge_configuration(const run::Config& config, const run::Config& host) {
    const health::Subject subject{"configuration",
                                  "runs and janitors of a host must agree on where locks are"};
    if (config.lock_dir != host.lock_dir) {
        return subject.warning(
            fmt::format("lock_dir is {} ({}), and for the janitor {}", config.lock_dir.native(),
                        config.origin.at("lock_dir"), host.lock_dir.native()),
            health::configuration(fmt::format("\"lock_dir\": \"{}\" (in /etc/cc-ci/config.json)",
                                              config.lock_dir.native())));
    }
    return subject.ok(fmt::format("{} values are not the default; platform {}",
                                  config.origin.size(), to_string(config.platform)));
}

int examine_host(const Context& context, const DoctorOptions& options) {
    const auto began = std::chrono::steady_clock::now();
    const run::Config config = context.config();
    const doctor::Patient patient{
        .config = config,
        .environment = context.environment,
        .version = k_version,
        .self_test = !options.no_self_test,
        .apps = [&](const std::vector<std::string>& arguments) {
            run::Program program = apps_call(arguments, config, context.environment);
            return base::Command{.argv = std::move(program.argv),
                                 .environment = std::move(program.environment)};
        }};
    health::Report report;
    report.settings = settings_of(config);
    report.checks.push_back(judge_configuration(config, context.host_config()));
    event::Loop::block_signals({SIGTERM, SIGINT, SIGHUP, SIGCHLD});
    {
        event::Loop loop;
        const auto questions = doctor::questions_for(patient);
        const doctor::Findings findings = doctor::examine(loop, questions);
        report.checks.insert(report.checks.end(), findings.checks.begin(), findings.checks.end());
        report.interrupted = findings.interrupted;
    }
    report.took = std::chrono::duration_cast<std::chrono::microseconds>(
        std::chrono::steady_clock::now() - began);
    print_text(
        stdout,
        options.json
            ? json_of(report).dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n"
            : text_of(report, {options.verbose, base::may_colour(STDOUT_FILENO)}));
    return report.exit_code();
}

}  // namespace

Action add_doctor(CLI::App& program) {
    auto options = std::make_shared<DoctorOptions>();
    CLI::App* command = program.add_subcommand("doctor");
    command->add_flag("-v,--verbose", options->verbose);
    command->add_flag("--no-self-test", options->no_self_test);
    command->add_flag("--json", options->json);
    return [options](const Context& context) { return examine_host(context, *options); };
}

}  // namespace ccci::cli
