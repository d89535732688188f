#include "program/main.hpp"

#include "apps/doctor_app.hpp"
#include "apps/janitor_app.hpp"
#include "apps/recipe_app.hpp"
#include "apps/teardown_app.hpp"
#include "apps/warm_app.hpp"
#include "apps/watch_build_app.hpp"

// The half of cc-ci that speaks HTTP.

namespace {

namespace apps = ccci::apps;

ccci::program::Actions add_commands(CLI::App& program) {
    return {{"janitor", apps::add_janitor(program)},
            {"doctor", apps::add_doctor(program)},
            {"teardown", apps::add_teardown(program)},
            {"recipe-job", apps::add_recipe_job(program)},
            {"recipe-teardown", apps::add_recipe_teardown(program)},
            {"warm-restore", apps::add_warm_restore(program)},
            {"warm-remove", apps::add_warm_remove(program)},
            {"warm-list", apps::add_warm_list(program)},
            {"watch-build", apps::add_watch_build(program)}};
}

}  // namespace

int main(int argc, char** argv) {
    return ccci::program::main(argc, argv, "cc-ci-apps", &add_commands);
}
