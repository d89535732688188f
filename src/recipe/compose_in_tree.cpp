#include "recipe/compose_in_tree.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <optional>
#include <string>

#include "base/files.hpp"
#include "base/os_error.hpp"
#include "base/text.hpp"
#include "recipe/env_file.hpp"
#include "recipe/recipe_error.hpp"

namespace ccci::recipe {

namespace fs = std::filesystem;

namespace {

std::string read_whole(const fs::path& file) {
    std::optional<std::string> text = base::try_read_file(file);
    if (!text) {
        throw RecipeError{fmt::format("{}: is there no more", base::printable(file.native()))};
    }
    return *std::move(text);
}

bool is_in(const fs::path& tree, const fs::path& file) {
    const std::string relative = file.lexically_relative(tree).native();
    return !relative.empty() && !relative.starts_with("..");
}

/// Whatever the recipe has under that name, be it a link to somewhere else, makes room.
void copy_new(const fs::path& from, const fs::path& to) {
    const std::string text = read_whole(from);
    fs::remove_all(to);
    const base::UniqueFd fd = base::open_file(to, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0600);
    base::write_all(fd.get(), text, to.native());
}

}  // namespace

void bring_into_tree(const fs::path& tree, const fs::path& env_file,
                     const std::vector<fs::path>& compose_files) {
    std::vector<std::string> names;
    std::size_t copied = 0;
    for (const fs::path& file : compose_files) {
        if (is_in(tree, file)) {
            names.push_back(file.lexically_relative(tree));
        } else {
            names.push_back(fmt::format("compose.cc-ci-{}.yml", ++copied));
            copy_new(file, tree / names.back());
        }
    }
    if (copied == 0) {
        return;
    }
    const std::string text =
        set_in_env(read_whole(env_file), "COMPOSE_FILE", base::join(names, ":"));
    const base::UniqueFd fd = base::open_file(env_file, O_WRONLY | O_TRUNC | O_NOFOLLOW);
    base::write_all(fd.get(), text, env_file.native());
}

}  // namespace ccci::recipe
