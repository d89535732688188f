#include "apps/teardown_app.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <system_error>

#include "base/files.hpp"
#include "base/text.hpp"
#include "run/names.hpp"
#include "run/usage_error.hpp"

namespace ccci::apps {

namespace {

/// Our own limit ends before that of the harness, which would have to kill us.
constexpr int k_own_part = 90;

/// For the run's record.
void note(const platform::TeardownReport& report) {
    const char* file = std::getenv("CCCI_NOTE_FILE");
    if (file == nullptr || *file == '\0') {
        return;
    }
    try {
        base::write_file_atomically(file, base::printable(report.summary(), 1000) + "\n", 0644);
    } catch (const std::system_error&) {
        // A full disk is no leftover of the app, and the log has it.
    }
}

}  // namespace

void print(const platform::TeardownReport& report) {
    // A teardown that finds nothing has nothing to say: it runs before and after each run.
    if (!report.removed.empty() || !report.clean()) {
        fmt::print("{}\n", report.summary());
    }
    for (const std::string& left : report.left) {
        fmt::print("left: {}\n", left);
    }
    (void)std::fflush(stdout);
}

std::chrono::steady_clock::time_point teardown_end(const run::Config& config) {
    return std::chrono::steady_clock::now() + config.teardown_budget * k_own_part / 100;
}

std::variant<platform::TeardownReport, std::string> tear_down(
    const run::Config& config, const std::string& domain,
    std::chrono::steady_clock::time_point until) {
    const auto platform = platform::make_platform(config);
    if (platform == nullptr) {
        throw run::UsageError{"no platform is configured: nothing can be torn down"};
    }
    try {
        platform::TeardownReport report = platform->teardown(domain, until);
        print(report);
        note(report);
        return report;
    } catch (const std::exception& error) {
        fmt::print("teardown: {}\n", error.what());
        (void)std::fflush(stdout);
        return std::string{error.what()};
    }
}

int exit_code_of(const std::variant<platform::TeardownReport, std::string>& result) {
    const auto* report = std::get_if<platform::TeardownReport>(&result);
    return report != nullptr && report->clean() ? 0 : 1;
}

program::Action add_teardown(CLI::App& program) {
    auto domain = std::make_shared<std::string>();
    CLI::App* command = program.add_subcommand("teardown");
    command->add_option("--domain", *domain)->required();
    return [domain](const run::Config& config, const std::vector<std::string>&) {
        return exit_code_of(tear_down(config, run::check_domain(*domain), teardown_end(config)));
    };
}

}  // namespace ccci::apps
