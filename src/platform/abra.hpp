#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/process.hpp"
#include "platform/abra_answer.hpp"
#include "run/config.hpp"

namespace ccci::platform {

/// The version that what we know of abra's commands and answers is from (docs/abra.md).
inline constexpr std::string_view k_known_abra = "0.13.0-beta";

/// The `abra` command, on the server `default` of one abra directory. Each call ends at its
/// `until` at the latest, then abra is killed with all its children; it dies with us.
///
/// What abra refuses is an outcome: a line with the reason, in its own words where it has any. An
/// answer that is not of the documented form throws std::runtime_error, which names the command and
/// shows what came.
class Abra {
public:
    using Deadline = std::chrono::steady_clock::time_point;
    using Reason = std::optional<std::string>;

    /// Asks abra for its version. Of `environment` PATH, HOME and ABRA_DIR are used, nothing else
    /// gets into abra. Throws run::UsageError when config.abra_command is no abra.
    Abra(const run::Config& config, const std::vector<std::string>& environment);

    /// "0.13.0-beta"; empty when abra told none.
    [[nodiscard]] const std::string& version() const { return version_; }

    /// Makes up every secret of the app that is not there yet, for the tree as it is. The values
    /// are shown nowhere.
    [[nodiscard]] Reason generate_secrets(const std::string& domain, Deadline until) const;

    /// Deploys the recipe's tree as it is ("chaos"), and waits for nothing. `again`: over what is
    /// deployed already.
    [[nodiscard]] Reason deploy(const std::string& domain, bool again, Deadline until) const;

    /// What abra says of the app's services, or why it says nothing.
    [[nodiscard]] std::variant<std::vector<AbraService>, std::string> services(
        const std::string& domain, Deadline until) const;

    /// These two insist on a terminal, so they get one.
    [[nodiscard]] Reason create_backup(const std::string& domain, Deadline until) const;
    [[nodiscard]] Reason restore(const std::string& domain, Deadline until) const;

private:
    using Run = std::optional<base::ExitStatus> (*)(base::Command, Deadline,
                                                    const std::function<void(std::string_view)>&);
    struct Said {
        std::optional<base::ExitStatus> status;
        std::string text;
    };

    [[nodiscard]] base::Command command(std::vector<std::string> arguments) const;
    [[nodiscard]] Said ask(std::vector<std::string> arguments, Deadline until) const;
    [[nodiscard]] Reason act(Run run, std::vector<std::string> arguments, Deadline until) const;

    std::string program_;
    std::vector<std::string> environment_;
    std::string version_;
};

}  // namespace ccci::platform
