#pragma once

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace ccci::platform {

struct Deployment;

/// What is left to the `docker` program, because it does more than the API: it reads compose files,
/// and it knows the operator's logins and credential helpers; a command in a container takes a
/// connection of its own protocol. They die with us and are killed at `until`.

/// Runs `docker stack deploy` for SwarmApp::deploy(): the reason of a failure, in a line.
std::optional<std::string> deploy_stack(const std::filesystem::path& socket,
                                        const std::string& stack, const std::string& resolve_image,
                                        const Deployment& deployment,
                                        std::chrono::steady_clock::time_point until);

/// Runs `docker pull` for all of them at a time: for each one the reason of a failure, in a line,
/// or an empty text.
std::vector<std::string> pull_images(const std::filesystem::path& socket,
                                     const std::vector<std::string>& images,
                                     std::chrono::steady_clock::time_point until);

/// Runs `docker exec` of `/bin/sh -c` for SwarmApp::execute(): how it ended, unless well.
std::optional<std::string> execute_in_container(const std::filesystem::path& socket,
                                                const std::string& container,
                                                const std::string& shell_command,
                                                std::chrono::steady_clock::time_point until);

}  // namespace ccci::platform
