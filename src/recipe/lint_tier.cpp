#include <fmt/format.h>

#include <algorithm>

#include "base/files.hpp"
#include "base/text.hpp"
#include "recipe/abra_sh.hpp"
#include "recipe/app.hpp"
#include "recipe/bring_up.hpp"
#include "recipe/git.hpp"
#include "recipe/lint_rules.hpp"
#include "recipe/log.hpp"
#include "recipe/recipe_error.hpp"
#include "recipe/versions.hpp"

namespace ccci::recipe {

namespace {

constexpr const char* k_own_origin = "cc-ci";

std::vector<VersionTag> version_tags(const std::filesystem::path& tree,
                                     const std::vector<std::string>& environment) {
    const Git git{environment, tree.native(), {}};
    const std::string listing =
        git.ask(tree, {"for-each-ref", "--format=%(objecttype) %(refname:lstrip=2)", "refs/tags"})
            .value_or("");
    std::vector<VersionTag> tags;
    for (const std::string& line : base::split(listing, '\n')) {
        const std::size_t blank = line.find(' ');
        if (blank != std::string::npos && is_version(line.substr(blank + 1))) {
            tags.push_back({line.substr(blank + 1), line.substr(0, blank) == "tag"});
        }
    }
    return tags;
}

LintFacts gather(const RecipeRun& run) {
    const std::filesystem::path tree = run.tree.recipe(run.job.recipe);
    LintFacts facts;
    facts.compose = load_new_app(tree, run.job.recipe, run.job.domain, run.app.stack()).compose;
    facts.abra_exports = parse_abra_exports(base::try_read_file(tree / "abra.sh").value_or(""));
    facts.has_history = std::filesystem::exists(tree / ".git");
    if (facts.has_history) {
        facts.versions = version_tags(tree, run.job.environment);
    }
    return facts;
}

TestResult to_result(const LintFinding& finding) {
    const bool kept = finding.problems.empty();
    return {
        .name = "lint/" + finding.rule,
        .origin = k_own_origin,
        .outcome = kept || finding.warning ? Outcome::pass : Outcome::fail,
        .message =
            kept ? "" : (finding.warning ? "warning: " : "") + base::join(finding.problems, "; "),
        .took = {}};
}

}  // namespace

Outcome run_lint(RecipeRun& run, TierResult& result) {
    std::vector<std::string> errors;
    std::size_t warnings = 0;
    for (const LintFinding& finding : lint(gather(run))) {
        result.tests.push_back(to_result(finding));
        for (const std::string& problem : finding.problems) {
            log("{} {}: {}", finding.warning ? "warning" : "error", finding.rule, problem);
            if (finding.warning) {
                ++warnings;
            } else {
                errors.push_back(fmt::format("{}: {}", finding.rule, problem));
            }
        }
    }
    if (!errors.empty()) {
        throw RecipeError{base::join(errors, "; ")};
    }
    log("{} rules, no error, {} warning{}", result.tests.size(), warnings,
        warnings == 1 ? "" : "s");
    (void)run_tier_tests(run, result);
    return Outcome::pass;
}

}  // namespace ccci::recipe
