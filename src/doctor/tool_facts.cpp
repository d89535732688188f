#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "base/process.hpp"
#include "base/text.hpp"
#include "doctor/patient.hpp"
#include "health/tool_checks.hpp"

namespace ccci::doctor {

namespace {

using health::ToolFacts;

health::Distribution distribution() {
    std::error_code error;
    return std::filesystem::exists("/etc/NIXOS", error)            ? health::Distribution::nixos
           : std::filesystem::exists("/etc/debian_version", error) ? health::Distribution::debian
                                                                   : health::Distribution::other;
}

/// Those that a recipe run calls, and those that single keys ask for.
std::vector<ToolFacts> tools_of(const run::Config& config) {
    std::vector<ToolFacts> tools;
    if (run::is_on_swarm(config.platform)) {
        tools.push_back({.name = "git",
                         .label = "git",
                         .package = "git",
                         .purpose = "recipes are fetched with it"});
        tools.push_back({.name = "docker",
                         .label = "docker",
                         .package = "docker.io",
                         .purpose = "recipes are deployed with 'docker stack deploy'"});
        tools.push_back({.name = "tar",
                         .label = "tar",
                         .package = "tar",
                         .purpose = "backups are made with it",
                         .must_say = "GNU"});
        tools.push_back({.name = "find",
                         .label = "find",
                         .package = "findutils",
                         .purpose = "backups are compared with it",
                         .must_say = "GNU"});
    }
    if (config.platform == run::PlatformKind::abra) {
        tools.push_back({.name = config.abra_command,
                         .label = "abra",
                         .package = "",
                         .purpose = "platform 'abra' deploys with it"});
    }
    if (!config.restic_repository.empty()) {
        tools.push_back({.name = "restic",
                         .label = "restic",
                         .package = "restic",
                         .purpose = "restic_repository is where backups go"});
    }
    if (!config.screenshot_command.empty()) {
        tools.push_back({.name = config.screenshot_command,
                         .label = "screenshot",
                         .package = "chromium",
                         .purpose = "screenshot_command takes the pictures of recipe runs"});
    }
    return tools;
}

health::Checks look_at_tool(ToolFacts facts, const std::vector<std::string>& environment) {
    const auto path = base::find_program(
        facts.name, base::find_variable(environment, "PATH").value_or("/usr/bin:/bin"));
    if (path && ::access(path->c_str(), X_OK) == 0) {
        facts.path = path->native();
        // restic has a command for it, and no option.
        for (const char* argument : {"--version", "version"}) {
            const base::Output output = base::run_and_capture({.argv = {facts.path, argument},
                                                               .environment = environment,
                                                               .death_signal = SIGKILL},
                                                              4096);
            facts.runs = output.status.success();
            facts.version = base::printable(base::split(base::trim(output.text), '\n').front());
            if (facts.runs) {
                break;
            }
        }
    }
    return {health::judge_tool(facts, distribution())};
}

health::SecretFileFacts look_at_file(const char* key, const std::filesystem::path& path,
                                     const char* purpose) {
    health::SecretFileFacts facts{.key = key, .path = path.native(), .purpose = purpose};
    struct stat info {};
    if (::stat(path.c_str(), &info) != 0 || ::access(path.c_str(), R_OK) != 0) {
        facts.problem = std::strerror(errno);
    } else if (!S_ISREG(info.st_mode)) {
        facts.problem = "is not a regular file";
    } else {
        facts.mode = info.st_mode & 07777;
    }
    return facts;
}

}  // namespace

std::vector<Question> questions_about_tools(const Patient& patient) {
    std::vector<Question> questions;
    for (const ToolFacts& tool : tools_of(patient.config)) {
        questions.push_back(
            {.name = "tool." + tool.label, .why = tool.purpose, .answer = [tool, &patient] {
                 return look_at_tool(tool, patient.environment);
             }});
    }
    if (questions.empty()) {
        questions.push_back({.name = "tools", .why = "what runs call", .answer = [] {
                                 return health::Checks{
                                     health::Subject{"tools", "what runs call"}.skipped(
                                         "the configuration makes use of none")};
                             }});
    }
    const auto add_file = [&](const char* key, const std::filesystem::path& path,
                              const char* purpose) {
        if (!path.empty()) {
            questions.push_back({.name = std::string{"file."} + key, .why = purpose, .answer = [=] {
                                     return health::Checks{
                                         judge_secret_file(look_at_file(key, path, purpose))};
                                 }});
        }
    };
    add_file("forge_token_file", patient.config.forge_token_file,
             "private recipes are fetched with the token in it");
    add_file("restic_password_file", patient.config.restic_password_file,
             "without the password there are no backups");
    return questions;
}

}  // namespace ccci::doctor
