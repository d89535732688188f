#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace ccci::recipe {

/// The files of one run. Nothing here is named by the domain but the env file, which abra wants
/// that way: a second run of the domain may start while the first one is still going.
struct RunTree {
    std::filesystem::path run_dir;

    [[nodiscard]] std::filesystem::path abra() const { return run_dir / "abra"; }
    [[nodiscard]] std::filesystem::path recipe(const std::string& name) const {
        return abra() / "recipes" / name;
    }
    [[nodiscard]] std::filesystem::path env_file(const std::string& domain) const {
        return abra() / "servers" / "default" / (domain + ".env");
    }
    [[nodiscard]] std::filesystem::path tests() const { return run_dir / "recipe-tests"; }
    /// Where the code under test is while an older version has its place.
    [[nodiscard]] std::filesystem::path under_test() const { return run_dir / "under-test"; }
    [[nodiscard]] std::filesystem::path test_reports() const { return run_dir / "test-reports"; }
    [[nodiscard]] std::filesystem::path backup() const { return run_dir / "backup"; }
    [[nodiscard]] std::filesystem::path deploy_count() const { return run_dir / "deploy-count"; }
    [[nodiscard]] std::filesystem::path op_state() const { return run_dir / "op-state.json"; }
    /// Where a dependency has its own such tree.
    [[nodiscard]] std::filesystem::path dependency(const std::string& name) const {
        return run_dir / "dependencies" / name;
    }
    /// What the teardown has to see to beside the app. Stays for as long as the run directory.
    [[nodiscard]] std::filesystem::path teardown_list() const {
        return run_dir / "dependencies.json";
    }
    [[nodiscard]] std::filesystem::path deps() const { return run_dir / "deps.json"; }
    [[nodiscard]] std::filesystem::path skip_report() const { return run_dir / "skip-report.json"; }
};

/// Makes `<run dir>/abra` anew: servers and catalogue are links into the canonical abra directory
/// (made there, for the owner only, when missing), recipes is empty. Removes what an earlier use of
/// the run directory left. Throws std::system_error.
RunTree make_run_tree(const std::filesystem::path& run_dir, const std::filesystem::path& abra_dir);

/// The job's environment with everything that hooks and tests are promised and that holds for the
/// whole run: ABRA_DIR, CCCI_RUN_DIR, CCCI_DEPLOY_COUNT_FILE, CCCI_OP_STATE_FILE,
/// CCCI_DEPS_FILE, CCCI_DEPS_SKIP_REPORT.
std::vector<std::string> run_environment(std::vector<std::string> environment, const RunTree& tree);

/// Copies the recipe's own tests out of its tree, before any checkout moves that. No tests at all
/// is fine. Throws RecipeError when tests is something else than a folder.
void snapshot_tests(const RunTree& tree, const std::string& recipe);

/// How often the app was deployed in this run, kept in a file so that hooks can take part; nullopt
/// when something else than a number is in it.
std::optional<int> try_read_deploy_count(const RunTree& tree);
/// Adds one. Throws RecipeError when there is no number to add it to.
void count_deploy(const RunTree& tree);

}  // namespace ccci::recipe
