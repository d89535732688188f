#include "recipe/run_tree.hpp"

#include <fmt/format.h>
#include <sys/stat.h>

#include <cerrno>
#include <charconv>
#include <optional>

#include "base/files.hpp"
#include "base/os_error.hpp"
#include "base/process.hpp"
#include "base/text.hpp"
#include "recipe/recipe_error.hpp"

namespace ccci::recipe {

namespace fs = std::filesystem;

namespace {

void make_private_directory(const fs::path& path) {
    if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) {
        base::throw_errno(errno, "create directory {}", path.native());
    }
}

}  // namespace

RunTree make_run_tree(const fs::path& run_dir, const fs::path& abra_dir) {
    RunTree tree{run_dir};
    // Links are removed, never followed.
    fs::remove_all(tree.abra());
    fs::remove_all(tree.tests());
    fs::remove_all(tree.under_test());
    fs::remove_all(tree.test_reports());
    fs::remove_all(tree.backup());
    fs::remove(tree.deploy_count());
    fs::remove(tree.op_state());
    fs::remove(tree.skip_report());
    fs::remove(tree.deps());
    fs::remove_all(tree.run_dir / "dependencies");

    fs::create_directories(abra_dir.parent_path());
    make_private_directory(abra_dir);
    make_private_directory(tree.abra());
    for (const char* shared : {"servers", "catalogue"}) {
        make_private_directory(abra_dir / shared);
        fs::create_directory_symlink(fs::absolute(abra_dir / shared), tree.abra() / shared);
    }
    make_private_directory(tree.abra() / "servers" / "default");
    make_private_directory(tree.abra() / "recipes");
    return tree;
}

std::vector<std::string> run_environment(std::vector<std::string> environment,
                                         const RunTree& tree) {
    base::set_variable(environment, "ABRA_DIR", tree.abra().native());
    base::set_variable(environment, "CCCI_RUN_DIR", tree.run_dir.native());
    base::set_variable(environment, "CCCI_DEPLOY_COUNT_FILE", tree.deploy_count().native());
    base::set_variable(environment, "CCCI_OP_STATE_FILE", tree.op_state().native());
    base::set_variable(environment, "CCCI_DEPS_FILE", tree.deps().native());
    base::set_variable(environment, "CCCI_DEPS_SKIP_REPORT", tree.skip_report().native());
    return environment;
}

void snapshot_tests(const RunTree& tree, const std::string& recipe) {
    const fs::path tests = tree.recipe(recipe) / "tests";
    const fs::file_status status = fs::symlink_status(tests);
    if (status.type() == fs::file_type::not_found) {
        return;
    }
    if (status.type() != fs::file_type::directory) {
        throw RecipeError{"tests: want a folder in the recipe"};
    }
    fs::copy(tests, tree.tests(), fs::copy_options::recursive | fs::copy_options::copy_symlinks);
}

std::optional<int> try_read_deploy_count(const RunTree& tree) {
    const std::optional<std::string> text = base::try_read_file(tree.deploy_count());
    if (!text) {
        return 0;
    }
    const std::string_view digits = base::trim(*text);
    int count = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), count);
    if (error != std::errc{} || end != digits.data() + digits.size() || count < 0) {
        return std::nullopt;
    }
    return count;
}

void count_deploy(const RunTree& tree) {
    const std::optional<int> count = try_read_deploy_count(tree);
    if (!count) {
        throw RecipeError{"the file that CCCI_DEPLOY_COUNT_FILE names holds no number"};
    }
    base::write_file_atomically(tree.deploy_count(), fmt::format("{}\n", *count + 1), 0600);
}

}  // namespace ccci::recipe
