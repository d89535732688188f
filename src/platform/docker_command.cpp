#include "platform/docker_command.hpp"

#include <fmt/format.h>

#include <filesystem>

#include "base/process.hpp"
#include "base/text.hpp"
#include "platform/bounded_command.hpp"
#include "platform/swarm_app.hpp"

namespace ccci::platform {

namespace {

using Environment = std::vector<std::string>;

constexpr std::size_t k_kept_output = 16384;

/// Exactly this engine, whatever context the operator's shell is set to.
Environment aimed_at(const std::filesystem::path& socket, Environment environment) {
    std::erase_if(environment, [](const std::string& entry) {
        return entry.starts_with("DOCKER_CONTEXT=") || entry.starts_with("DOCKER_TLS") ||
               entry.starts_with("DOCKER_CERT_PATH=") || entry.starts_with("DOCKER_API_VERSION=");
    });
    base::set_variable(environment, "DOCKER_HOST", "unix://" + socket.native());
    return environment;
}

bool has_logins(const Environment& environment) {
    std::filesystem::path folder = base::find_variable(environment, "DOCKER_CONFIG").value_or("");
    if (folder.empty()) {
        const std::string home = base::find_variable(environment, "HOME").value_or("");
        folder = std::filesystem::path{home.empty() ? "/root" : home} / ".docker";
    }
    std::error_code ignored;
    return std::filesystem::exists(folder / "config.json", ignored);
}

/// Newer ones wait for the services unless told not to, older ones do not know the option.
bool knows_detach(const Environment& environment) {
    const base::Output help = base::run_and_capture(
        {.argv = {"docker", "stack", "deploy", "--help"}, .environment = environment});
    return help.text.find("--detach") != std::string::npos;
}

void keep_end(std::string& kept, std::string_view output) {
    kept += output;
    if (kept.size() > k_kept_output) {
        kept.erase(0, kept.size() - k_kept_output);
    }
}

/// Docker's own words: the last line that it wrote.
std::string reason(const std::optional<base::ExitStatus>& status, const std::string& output) {
    if (!status) {
        return "not finished in time";
    }
    if (status->success()) {
        return {};
    }
    const std::string_view text = base::trim(output);
    const std::size_t line = text.rfind('\n');
    const std::string_view last = line == std::string_view::npos ? text : text.substr(line + 1);
    return last.empty() ? base::describe(*status) : base::printable(base::trim(last), 500);
}

}  // namespace

std::optional<std::string> deploy_stack(const std::filesystem::path& socket,
                                        const std::string& stack, const std::string& resolve_image,
                                        const Deployment& deployment,
                                        std::chrono::steady_clock::time_point until) {
    base::Command command;
    command.environment = aimed_at(socket, deployment.environment);
    command.directory = deployment.directory;
    command.argv = {"docker", "stack", "deploy", "--prune", "--resolve-image", resolve_image};
    if (has_logins(*command.environment)) {
        command.argv.emplace_back("--with-registry-auth");
    }
    if (knows_detach(*command.environment)) {
        command.argv.emplace_back("--detach=true");
    }
    for (const std::filesystem::path& file : deployment.compose_files) {
        command.argv.emplace_back("--compose-file");
        command.argv.push_back(file.native());
    }
    command.argv.push_back(stack);

    std::string kept;
    const auto status = run_bounded(command, until, [&](std::string_view output) {
        pass_to_stdout(output);
        keep_end(kept, output);
    });
    std::string why = reason(status, kept);
    return why.empty() ? std::nullopt : std::optional{std::move(why)};
}

std::vector<std::string> pull_images(const std::filesystem::path& socket,
                                     const std::vector<std::string>& images,
                                     std::chrono::steady_clock::time_point until) {
    const Environment environment = aimed_at(socket, base::own_environment());
    std::vector<base::Command> commands;
    for (const std::string& image : images) {
        // An image's name comes from a recipe: it must not be taken for an option.
        commands.push_back(
            {.argv = {"docker", "pull", "--quiet", "--", image}, .environment = environment});
    }
    std::vector<std::string> kept(images.size());
    const auto ends = run_all_bounded(commands, until,
                                      {.on_output = [&](std::size_t at, std::string_view output) {
                                          keep_end(kept[at], output);
                                      }});
    std::vector<std::string> reasons;
    for (std::size_t at = 0; at < images.size(); ++at) {
        reasons.push_back(reason(ends[at], kept[at]));
    }
    return reasons;
}

std::optional<std::string> execute_in_container(const std::filesystem::path& socket,
                                                const std::string& container,
                                                const std::string& shell_command,
                                                std::chrono::steady_clock::time_point until) {
    const auto status =
        run_bounded({.argv = {"docker", "exec", "--", container, "/bin/sh", "-c", shell_command},
                     .environment = aimed_at(socket, base::own_environment())},
                    until, pass_to_stdout);
    if (!status) {
        return "not finished in time";
    }
    return status->success() ? std::nullopt : std::optional{base::describe(*status)};
}

}  // namespace ccci::platform
