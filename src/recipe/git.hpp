#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/process.hpp"

namespace ccci::recipe {

/// Where a private repository may be read, and with what.
struct ForgeAccess {
    std::string forge;                 ///< "https://git.example.net"; empty: nowhere
    std::filesystem::path token_file;  ///< holds a token, or user:password; empty: none
};

/// True when the URL is on the forge: the same scheme, host and port, at or below its path.
bool is_below_forge(const std::string& url, const std::string& forge);

/// git as a run uses it on repositories of strangers: no configuration, hooks, templates, helpers
/// or prompts of this host, no submodules, and only the transport that `url` names.
///
/// The forge's token goes to git in environment variables, which nobody but our own user can read,
/// and only when `url` is below the forge. Redirects are not followed then: a header is sent to
/// wherever a redirect leads.
class Git {
public:
    /// PATH, HOME, the proxies and the like come from `environment`, nothing else does.
    /// Throws std::system_error when the token file cannot be read.
    Git(const std::vector<std::string>& environment, const std::string& url,
        const ForgeAccess& access);

    /// Repositories of other users are refused by git, except this one.
    void trust(const std::filesystem::path& repository);

    /// Runs `git <arguments>` in a directory. Throws std::runtime_error when there is no git.
    [[nodiscard]] base::Output run(const std::filesystem::path& directory,
                                   std::vector<std::string> arguments) const;
    /// Its standard output alone; nullopt when it fails.
    [[nodiscard]] std::optional<std::string> ask(const std::filesystem::path& directory,
                                                 std::vector<std::string> arguments) const;

private:
    [[nodiscard]] base::Command command(const std::filesystem::path& directory,
                                        std::vector<std::string> arguments) const;
    void configure(const std::string& key, const std::string& value);

    std::vector<std::string> environment_;
    int settings_ = 0;
};

/// What git meant: the last line that begins with "fatal:" or "error:", without that word.
std::string git_reason(const base::Output& output);

}  // namespace ccci::recipe
