#include "recipe/backup_steps.hpp"

#include <fmt/format.h>

#include <chrono>
#include <exception>
#include <string_view>

#include "backup/backup_error.hpp"
#include "backup/tool.hpp"
#include "base/duration.hpp"
#include "base/text.hpp"
#include "recipe/log.hpp"
#include "recipe/recipe_error.hpp"
#include "recipe/stopwatch.hpp"

namespace ccci::recipe {

namespace {

std::string container_of(RecipeRun& run, const std::string& service) {
    const std::vector<std::string> containers = run.app.containers(service);
    if (containers.empty()) {
        throw RecipeError{
            fmt::format("{}: it declares a backup, but no container of it runs on "
                        "this host",
                        service)};
    }
    return containers.front();
}

void run_hook(RecipeRun& run, const std::string& service, const std::string& label,
              const std::string& command) {
    // Also without a hook: a volume is only where a task of its service is.
    const std::string container = container_of(run, service);
    if (command.empty()) {
        return;
    }
    const Stopwatch watch;
    const auto failure = run.app.execute(
        container, command, std::chrono::steady_clock::now() + backup::k_longest_command);
    if (failure) {
        throw RecipeError{fmt::format("{}: {}: {}", service, label, *failure)};
    }
    log("{}: {} done in {}", service, label, base::format_duration(watch.elapsed()));
}

}  // namespace

void between_hooks(RecipeRun& run, const std::vector<backup::ServicePlan>& plans, BackupPhase phase,
                   const std::function<void()>& work) {
    const bool backing_up = phase == BackupPhase::backup;
    const std::string prefix = backing_up ? "backupbot.backup." : "backupbot.restore.";
    const auto hooks_of = [&](const backup::ServicePlan& plan) {
        return backing_up ? plan.backup : plan.restore;
    };
    std::size_t begun = 0;
    std::exception_ptr first;
    try {
        for (const backup::ServicePlan& plan : plans) {
            run_hook(run, plan.service, prefix + "pre-hook", hooks_of(plan).before);
            ++begun;
        }
        work();
    } catch (...) {
        first = std::current_exception();
    }
    for (std::size_t at = 0; at < begun; ++at) {
        const backup::ServicePlan& plan = plans[at];
        try {
            run_hook(run, plan.service, prefix + "post-hook", hooks_of(plan).after);
        } catch (const std::exception& error) {
            if (first) {
                log("{}", error.what());
            } else {
                first = std::current_exception();
            }
        }
    }
    if (first) {
        std::rethrow_exception(first);
    }
}

std::filesystem::path place_of_volume(RecipeRun& run, const backup::Part& part) {
    const auto path = run.app.volume_on_this_host(part.volume);
    if (!path) {
        throw RecipeError{
            fmt::format("{}: the volume has no directory on this host", describe(part))};
    }
    return *path;
}

std::string parts_in_words(const std::vector<backup::ServicePlan>& plans) {
    std::vector<std::string> names;
    for (const backup::ServicePlan& plan : plans) {
        for (const backup::Part& part : plan.parts) {
            names.push_back(describe(part));
        }
    }
    return base::join(names, ", ");
}

void for_the_recipe(const std::function<void()>& work) {
    try {
        work();
    } catch (const backup::BackupError& error) {
        throw RecipeError{error.what()};
    }
}

}  // namespace ccci::recipe
