#pragma once

#include <optional>
#include <regex>
#include <string>

namespace ccci::run {

// Everything here comes from whoever can push to a repository, and ends up in paths, unit names,
// git commands and URLs. Each check returns its argument, and throws UsageError for anything that
// is not plainly harmless.

/// A DNS name in lower case with at least two labels, at most 200 bytes (it is part of file names).
std::string check_domain(const std::string& text);
bool is_domain(const std::string& text);

/// Letters, digits, '.', '_' and '-', beginning with a letter or digit, at most 64 bytes.
std::string check_run_id(const std::string& text);
bool is_run_id(const std::string& text);

/// Lower-case letters, digits and '-', beginning with a letter or digit, at most 64 bytes.
std::string check_recipe(const std::string& text);
bool is_recipe(const std::string& text);

/// A branch, tag or commit as git-check-ref-format(1) allows it, in a narrower alphabet.
std::string check_ref(const std::string& text);

/// A pull request number; empty means none.
std::string check_pull_request(const std::string& text);

/// Where a recipe is cloned from: an https, http, ssh or file URL, an absolute path, or
/// "owner/name", which the configured forge completes.
std::string check_source(const std::string& text);

/// A repository of a forge: "owner/name".
std::string check_repository(const std::string& text);

/// A user or an organisation of a forge.
std::string check_owner(const std::string& text);

/// The forge that completes "owner/name": http or https, a host, perhaps a port and a path. No
/// credentials, and nothing that git takes for a pattern: it is what a token is bound to.
std::string check_forge(const std::string& text);

/// Stack name of an app: the domain with underscores for dots. A domain has no underscore, so the
/// way back is unique.
std::string stack_name(const std::string& domain);
std::string domain_of_stack(const std::string& stack);

/// Which domains are run apps. Nothing else is ever probed, reaped or torn down by the janitor.
class RunAppPattern {
public:
    /// An ECMAScript regular expression that must match the whole domain. Throws UsageError.
    explicit RunAppPattern(const std::string& expression);
    /// The names of recipe apps below this base domain: `<up to 4 characters>-<6 hex digits>`.
    static RunAppPattern for_base_domain(const std::string& base_domain);

    /// Also checks that it is a domain at all.
    [[nodiscard]] bool matches(const std::string& domain) const;
    [[nodiscard]] const std::string& expression() const { return expression_; }

private:
    RunAppPattern() = default;

    std::string expression_;
    std::string base_domain_;          ///< of for_base_domain()
    std::optional<std::regex> regex_;  ///< of any other; one takes longer to make than a run to ask
};

}  // namespace ccci::run
