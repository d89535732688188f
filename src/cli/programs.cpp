#include "cli/programs.hpp"

#include <fmt/format.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <stdexcept>
#include <vector>

#include "base/os_error.hpp"
#include "base/process.hpp"
#include "base/unique_fd.hpp"
#include "base/user.hpp"
#include "run/effective_config.hpp"

namespace ccci::cli {

namespace {

run::Program call(const std::string& program, const std::vector<std::string>& arguments,
                  const run::Config& config, std::vector<std::string> environment) {
    run::Program made{.argv = {program}, .environment = std::move(environment), .directory = {}};
    made.argv.insert(made.argv.end(), arguments.begin(), arguments.end());
    run::pass_config(made.environment, config);
    return made;
}

}  // namespace

std::string apps_program() {
    return base::internal_program("cc-ci-apps");
}

run::Program apps_call(const std::vector<std::string>& arguments, const run::Config& config,
                       std::vector<std::string> environment) {
    return call(apps_program(), arguments, config, std::move(environment));
}

run::Program keeper_call(const std::vector<std::string>& arguments, const run::Config& config,
                         std::vector<std::string> environment) {
    return call(base::internal_program("cc-ci-keeper"), arguments, config, std::move(environment));
}

run::Program services_call(const std::vector<std::string>& arguments, const run::Config& config,
                           std::vector<std::string> environment) {
    return call(base::internal_program("cc-ci-services"), arguments, config,
                std::move(environment));
}

void become(const run::Program& program) {
    std::vector<char*> argv;
    std::vector<char*> environment;
    for (const std::string& argument : program.argv) {
        argv.push_back(const_cast<char*>(argument.c_str()));
    }
    for (const std::string& variable : program.environment) {
        environment.push_back(const_cast<char*>(variable.c_str()));
    }
    argv.push_back(nullptr);
    environment.push_back(nullptr);
    (void)::execve(argv[0], argv.data(), environment.data());
    base::throw_errno(errno, "execute {}", program.argv[0]);
}

void check_platform(const run::Config& config) {
    if (!run::is_on_swarm(config.platform)) {
        return;
    }
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const std::string& path = config.docker_socket.native();
    if (path.size() >= sizeof address.sun_path) {
        throw std::runtime_error{fmt::format("docker socket {}: the path is too long", path)};
    }
    path.copy(address.sun_path, path.size());
    const base::UniqueFd socket{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
        throw std::runtime_error{fmt::format(
            "connect to docker at {}: {}; is the Docker engine running?", path, ::strerror(errno))};
    }
}

std::string user_name() {
    return base::user_name(::geteuid());
}

}  // namespace ccci::cli
