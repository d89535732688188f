#include "recipe/app.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <optional>
#include <system_error>

#include "base/files.hpp"
#include "base/os_error.hpp"
#include "base/process.hpp"
#include "base/text.hpp"
#include "recipe/abra_sh.hpp"
#include "recipe/recipe_error.hpp"

namespace ccci::recipe {

namespace fs = std::filesystem;

namespace {

std::string value_or(const Variables& variables, const std::string& name,
                     const std::string& otherwise) {
    const auto found = variables.find(name);
    return found != variables.end() && !found->second.empty() ? found->second : otherwise;
}

ComposeFile read_compose_file(const fs::path& recipe_tree, const std::string& name) {
    const fs::path relative{name};
    bool inside = !name.empty() && relative.is_relative();
    for (const fs::path& part : relative) {
        inside = inside && part != "..";
    }
    if (!inside) {
        throw RecipeError{
            fmt::format("COMPOSE_FILE: '{}' is no file of the recipe", base::printable(name))};
    }
    const std::optional<std::string> text = base::try_read_file(recipe_tree / relative);
    if (!text) {
        throw RecipeError{fmt::format("{}: the recipe has no such file", base::printable(name))};
    }
    return {name, *text};
}

std::string read_overlay(const Overlay& overlay) {
    std::optional<std::string> text;
    try {
        text = base::try_read_file(overlay.path);
    } catch (const std::system_error& error) {
        throw RecipeError{fmt::format("{}: {}", overlay.name, error.code().message())};
    }
    if (!text) {
        throw RecipeError{fmt::format("{}: is there no more", overlay.name)};
    }
    return *text;
}

std::string read_sample(const fs::path& recipe_tree) {
    std::optional<std::string> sample = base::try_read_file(recipe_tree / ".env.sample");
    if (!sample) {
        throw RecipeError{".env.sample: the recipe has no such file"};
    }
    return *std::move(sample);
}

App make_app(const fs::path& recipe_tree, const std::string& env_text, const std::string& stack,
             const std::vector<Overlay>& overlays) {
    // The text is the sample with another domain, so its line numbers are the maintainer's.
    const std::vector<EnvEntry> env = parse_env(env_text, ".env.sample");
    App app;
    app.variables = to_variables(env);
    if (const auto script = base::try_read_file(recipe_tree / "abra.sh")) {
        for (const auto& [name, value] : parse_abra_exports(*script)) {
            app.variables[name] = value;
        }
    }
    app.variables["STACK_NAME"] = stack;

    std::vector<ComposeFile> files;
    for (const std::string& name :
         base::split(value_or(app.variables, "COMPOSE_FILE", "compose.yml"), ':')) {
        files.push_back(read_compose_file(recipe_tree, name));
        app.compose_files.push_back(recipe_tree / name);
    }
    for (const Overlay& overlay : overlays) {
        files.push_back({overlay.name, read_overlay(overlay)});
        app.compose_files.push_back(overlay.path);
    }
    app.compose = read_compose(files, app.variables);
    app.secrets = plan_secrets(app.compose.external_secrets, env, stack);
    return app;
}

}  // namespace

bool steers_the_command(const std::string& name) {
    return name == "PATH" || name == "HOME" || name.starts_with("LD_") || name == "DOCKER_HOST" ||
           name == "DOCKER_CONFIG" || name == "DOCKER_CONTEXT" || name == "DOCKER_CERT_PATH" ||
           name == "DOCKER_API_VERSION" || name.starts_with("DOCKER_TLS");
}

std::string new_app_env(std::string_view sample, const std::string& recipe,
                        const std::string& domain, const Variables& additions) {
    std::string text = base::replace_all(std::string{sample}, recipe + ".example.com", domain);
    text = set_in_env(text, "TYPE", recipe);
    text = set_in_env(text, "DOMAIN", domain);
    for (const auto& [name, value] : additions) {
        text = set_in_env(text, name, value);
    }
    return text;
}

void make_new_app(const fs::path& recipe_tree, const fs::path& env_file, const std::string& recipe,
                  const std::string& domain, const Variables& additions) {
    const std::string text = new_app_env(read_sample(recipe_tree), recipe, domain, additions);
    // Not by way of a temporary file: a run that is killed here would leave one in the canonical
    // tree, and a teardown knows the one name only.
    if (::unlink(env_file.c_str()) != 0 && errno != ENOENT) {
        base::throw_errno(errno, "remove {}", env_file.native());
    }
    const base::UniqueFd fd =
        base::open_file(env_file, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0600);
    base::write_all(fd.get(), text, env_file.native());
}

App load_app(const fs::path& recipe_tree, const fs::path& env_file, const std::string& stack,
             const std::vector<Overlay>& overlays) {
    const std::optional<std::string> text = base::try_read_file(env_file);
    if (!text) {
        throw RecipeError{fmt::format("{}: the app has no env file", env_file.native())};
    }
    return make_app(recipe_tree, *text, stack, overlays);
}

App load_new_app(const fs::path& recipe_tree, const std::string& recipe, const std::string& domain,
                 const std::string& stack) {
    return make_app(recipe_tree, new_app_env(read_sample(recipe_tree), recipe, domain), stack, {});
}

std::vector<std::string> deploy_environment(const App& app,
                                            const std::vector<std::string>& environment) {
    std::vector<std::string> result;
    for (const std::string_view name : {"PATH", "HOME"}) {
        if (const auto value = base::find_variable(environment, name)) {
            base::set_variable(result, name, *value);
        }
    }
    for (const auto& [name, value] : app.variables) {
        if (steers_the_command(name)) {
            throw RecipeError{
                fmt::format(".env.sample: {} cannot be set: it steers the deploy itself", name)};
        }
        base::set_variable(result, name, value);
    }
    return result;
}

}  // namespace ccci::recipe
