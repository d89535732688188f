#include "platform/abra.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <utility>

#include "base/text.hpp"
#include "platform/bounded_command.hpp"
#include "platform/shown_lines.hpp"
#include "run/names.hpp"
#include "run/usage_error.hpp"

namespace ccci::platform {

namespace {

using std::chrono::steady_clock;

constexpr std::chrono::seconds k_version_limit{30};
/// Much more than a listing of all apps of a server.
constexpr std::size_t k_most_said = std::size_t{1} << 22;

std::vector<std::string> environment_for_abra(const run::Config& config,
                                              const std::vector<std::string>& environment) {
    std::vector<std::string> result;
    for (const std::string_view name : {"PATH", "HOME", "ABRA_DIR"}) {
        if (const auto value = base::find_variable(environment, name)) {
            base::set_variable(result, name, *value);
        }
    }
    base::set_variable(result, "DOCKER_HOST", "unix://" + config.docker_socket.native());
    base::set_variable(result, "LC_ALL", "C");
    base::set_variable(result, "NO_COLOR", "1");
    base::set_variable(result, "TERM", "dumb");
    return result;
}

/// Found once: what is asked for its version is what is run later.
std::string find_abra(const std::string& name, const std::vector<std::string>& environment) {
    const auto program = base::find_program(
        name, base::find_variable(environment, "PATH").value_or("/usr/bin:/bin"));
    if (!program) {
        throw run::UsageError{fmt::format("abra_command '{}': not found in PATH", name)};
    }
    if (::access(program->c_str(), X_OK) != 0) {
        throw run::UsageError{fmt::format("abra_command '{}': execute {}: {}", name,
                                          program->native(), std::strerror(errno))};
    }
    return *program;
}

/// Without what abra wrote besides: that may hold a secret.
Abra::Reason refusal(const std::optional<base::ExitStatus>& status, std::string_view output) {
    if (!status) {
        return "not finished in time";
    }
    if (status->success()) {
        return std::nullopt;
    }
    std::string fatal = fatal_line(output);
    return fatal.empty() ? base::describe(*status) : std::move(fatal);
}

}  // namespace

Abra::Abra(const run::Config& config, const std::vector<std::string>& environment)
    : program_{find_abra(config.abra_command, environment)},
      environment_{environment_for_abra(config, environment)} {
    const Said said = ask({"--version"}, steady_clock::now() + k_version_limit);
    if (const Reason why = refusal(said.status, said.text)) {
        throw run::UsageError{
            fmt::format("abra_command '{}': --version: {}", config.abra_command, *why)};
    }
    version_ = find_version(said.text).value_or("");
}

base::Command Abra::command(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), program_);
    return {.argv = std::move(arguments), .environment = environment_};
}

Abra::Said Abra::ask(std::vector<std::string> arguments, Deadline until) const {
    Said said;
    said.status = run_bounded(command(std::move(arguments)), until, [&](std::string_view output) {
        said.text += output.substr(0, k_most_said - std::min(k_most_said, said.text.size()));
    });
    return said;
}

Abra::Reason Abra::act(Run run, std::vector<std::string> arguments, Deadline until) const {
    ShownLines lines;
    const auto status = run(command(std::move(arguments)), until,
                            [&](std::string_view output) { lines.take(output); });
    lines.finish();
    return refusal(status, lines.last_fatal());
}

Abra::Reason Abra::generate_secrets(const std::string& domain, Deadline until) const {
    // Without -C abra would check out the newest published version first.
    const Said said = ask(
        {"app", "secret", "generate", run::check_domain(domain), "--all", "-C", "-m", "-n"}, until);
    return refusal(said.status, said.text);
}

Abra::Reason Abra::deploy(const std::string& domain, bool again, Deadline until) const {
    // Whether the domain leads to this host is the health check's to find out, which may ask at
    // another address; and abra's own wait is no longer than the recipe's TIMEOUT.
    std::vector<std::string> arguments{"app", "deploy", run::check_domain(domain), "-C",
                                       "-n",  "-c",     "--no-domain-checks"};
    if (again) {
        arguments.emplace_back("-f");
    }
    return act(run_bounded, std::move(arguments), until);
}

std::variant<std::vector<AbraService>, std::string> Abra::services(const std::string& domain,
                                                                   Deadline until) const {
    const Said said = ask({"app", "ps", run::check_domain(domain), "-m"}, until);
    if (const Reason why = refusal(said.status, said.text)) {
        return *why;
    }
    try {
        return parse_abra_services(said.text);
    } catch (const std::invalid_argument& error) {
        throw std::runtime_error{fmt::format("abra app ps {} -m: unexpected answer: {}: '{}'",
                                             domain, error.what(),
                                             base::printable(said.text, 200))};
    }
}

Abra::Reason Abra::create_backup(const std::string& domain, Deadline until) const {
    return act(run_on_terminal, {"app", "backup", "create", run::check_domain(domain)}, until);
}

Abra::Reason Abra::restore(const std::string& domain, Deadline until) const {
    return act(run_on_terminal, {"app", "restore", run::check_domain(domain)}, until);
}

}  // namespace ccci::platform
