#include "services/bridge_check.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <exception>
#include <functional>

#include "base/text.hpp"

namespace ccci::services {

namespace {

/// A question: what it returns is what is wrong, empty for nothing.
class Questions {
public:
    void ask(const std::string& what, const std::function<std::string()>& question) {
        std::string problem;
        try {
            problem = question();
        } catch (const std::exception& error) {
            problem = error.what();
        }
        if (problem.empty()) {
            fmt::print("ok     {}\n", what);
        } else {
            failed_ = true;
            fmt::print("failed {}: {}\n", what, base::printable(problem, 300));
        }
    }

    [[nodiscard]] int exit_code() const { return failed_ ? 1 : 0; }

private:
    bool failed_ = false;
};

}  // namespace

int check_bridge(const run::Config& config, BridgeClients& clients) {
    Questions questions;
    std::string login;
    questions.ask("Gitea knows the token", [&] {
        login = clients.forge.login();
        return "";
    });
    for (const std::string& repository : config.bridge_repositories) {
        questions.ask(fmt::format("comments of {} can be listed", repository), [&] {
            (void)clients.forge.comments_since(repository, std::chrono::system_clock::now(), 1);
            return "";
        });
        questions.ask(fmt::format("commit statuses of {} can be set", repository), [&] {
            return clients.forge.may_push(repository, login)
                       ? ""
                       : "the token's user may not write to the repository";
        });
    }
    if (!config.bridge_organization.empty()) {
        questions.ask(
            fmt::format("members of {} can be looked up", config.bridge_organization), [&] {
                return clients.forge.is_member(config.bridge_organization, login).value_or(false)
                           ? ""
                           : "the token's user is no member of it";
            });
    }
    questions.ask(fmt::format("builds of {} can be listed", config.bridge_drone_repository), [&] {
        (void)clients.drone.builds(1);
        return "";
    });
    if (!config.bridge_secret_file.empty()) {
        questions.ask("there is a secret for webhooks", [&] {
            (void)read_secret(config.bridge_secret_file, "bridge_secret_file");
            return "";
        });
    }
    (void)std::fflush(stdout);
    return questions.exit_code();
}

}  // namespace ccci::services
