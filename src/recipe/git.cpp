#include "recipe/git.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>

#include <array>
#include <cerrno>
#include <optional>
#include <string_view>

#include "base/base64.hpp"
#include "base/files.hpp"
#include "base/os_error.hpp"
#include "base/text.hpp"

namespace ccci::recipe {

namespace {

/// GIT_* is not among them: it could name programs to run and files to write.
constexpr std::array<std::string_view, 17> k_inherited{"PATH",
                                                       "HOME",
                                                       "USER",
                                                       "LOGNAME",
                                                       "TMPDIR",
                                                       "SSH_AUTH_SOCK",
                                                       "http_proxy",
                                                       "https_proxy",
                                                       "no_proxy",
                                                       "all_proxy",
                                                       "HTTP_PROXY",
                                                       "HTTPS_PROXY",
                                                       "NO_PROXY",
                                                       "ALL_PROXY",
                                                       "SSL_CERT_DIR",
                                                       "SSL_CERT_FILE",
                                                       "NIX_SSL_CERT_FILE"};

std::string read_token(const std::filesystem::path& file) {
    const std::optional<std::string> text = base::try_read_file(file, 4096);
    if (!text) {
        base::throw_errno(ENOENT, "open forge token file {}", file.native());
    }
    return std::string{base::trim(*text)};
}

/// Basic authentication is what the git endpoints of Gitea, Forgejo, GitLab and GitHub all take:
/// any user name, the token as password.
std::string authorization(const std::string& token) {
    const bool has_user = token.find(':') != std::string::npos;
    return "Authorization: Basic " + base::to_base64(has_user ? token : "x-access-token:" + token);
}

std::string transports_for(const std::string& url) {
    if (url.starts_with("https://")) {
        return "https";
    }
    if (url.starts_with("http://")) {
        return "http:https";
    }
    if (url.starts_with("ssh://")) {
        return "ssh";
    }
    return "file";
}

}  // namespace

bool is_below_forge(const std::string& url, const std::string& forge) {
    if (forge.empty() || !url.starts_with(forge)) {
        return false;
    }
    // https://git.example.net.evil.net begins with the forge, too.
    return forge.ends_with('/') || url.size() == forge.size() || url[forge.size()] == '/';
}

Git::Git(const std::vector<std::string>& environment, const std::string& url,
         const ForgeAccess& access) {
    for (const std::string_view name : k_inherited) {
        if (const auto value = base::find_variable(environment, name)) {
            base::set_variable(environment_, name, *value);
        }
    }
    base::set_variable(environment_, "LC_ALL", "C");
    base::set_variable(environment_, "GIT_CONFIG_NOSYSTEM", "1");
    base::set_variable(environment_, "GIT_CONFIG_GLOBAL", "/dev/null");
    base::set_variable(environment_, "GIT_TERMINAL_PROMPT", "0");
    base::set_variable(environment_, "GIT_SSH_COMMAND", "ssh -o BatchMode=yes");
    base::set_variable(environment_, "GIT_ALLOW_PROTOCOL", transports_for(url));
    configure("core.hooksPath", "/dev/null");
    configure("core.fsmonitor", "false");
    configure("submodule.recurse", "false");
    configure("fetch.recurseSubmodules", "false");
    configure("gc.auto", "0");
    configure("advice.detachedHead", "false");
    // A server that says nothing for a minute will not say anything.
    configure("http.lowSpeedLimit", "1");
    configure("http.lowSpeedTime", "60");
    if (!access.token_file.empty() && is_below_forge(url, access.forge)) {
        configure("http.followRedirects", "false");
        configure(fmt::format("http.{}.extraHeader", access.forge),
                  authorization(read_token(access.token_file)));
    }
}

void Git::configure(const std::string& key, const std::string& value) {
    base::set_variable(environment_, fmt::format("GIT_CONFIG_KEY_{}", settings_), key);
    base::set_variable(environment_, fmt::format("GIT_CONFIG_VALUE_{}", settings_), value);
    ++settings_;
    base::set_variable(environment_, "GIT_CONFIG_COUNT", fmt::format("{}", settings_));
}

void Git::trust(const std::filesystem::path& repository) {
    configure("safe.directory", repository.native());
    configure("safe.directory", (repository / ".git").native());
}

base::Command Git::command(const std::filesystem::path& directory,
                           std::vector<std::string> arguments) const {
    base::Command command{.argv = std::move(arguments),
                          .environment = environment_,
                          .directory = directory,
                          .death_signal = SIGKILL};
    command.argv.insert(command.argv.begin(), "git");
    return command;
}

base::Output Git::run(const std::filesystem::path& directory,
                      std::vector<std::string> arguments) const {
    return base::run_and_capture(command(directory, std::move(arguments)));
}

std::optional<std::string> Git::ask(const std::filesystem::path& directory,
                                    std::vector<std::string> arguments) const {
    const base::UniqueFd null = base::open_file("/dev/null", O_WRONLY);
    base::Command question = command(directory, std::move(arguments));
    question.err = null.get();
    const base::Output output = base::run_and_capture(std::move(question));
    if (!output.status.success()) {
        return std::nullopt;
    }
    return std::string{base::trim(output.text)};
}

std::string git_reason(const base::Output& output) {
    std::string last;
    std::string named;
    for (const std::string& line : base::split(output.text, '\n')) {
        for (const std::string_view word : {"fatal: ", "error: ", "remote: "}) {
            if (line.starts_with(word)) {
                named = line.substr(word.size());
            }
        }
        if (!base::trim(line).empty()) {
            last = line;
        }
    }
    if (last.empty()) {
        return base::describe(output.status);
    }
    return base::printable(base::trim(named.empty() ? last : named), 300);
}

}  // namespace ccci::recipe
