#include "recipe/dependency_teardown.hpp"

#include <fmt/format.h>
#include <poll.h>

#include <algorithm>
#include <optional>
#include <stdexcept>
#include <utility>

#include "base/fail_point.hpp"
#include "base/files.hpp"
#include "base/text.hpp"
#include "locks/domain_lock.hpp"
#include "locks/waiting.hpp"
#include "recipe/dependency_list.hpp"
#include "recipe/log.hpp"

namespace ccci::recipe {

namespace {

using Time = std::chrono::steady_clock::time_point;

/// What comes after it needs some of the time, too.
constexpr std::chrono::seconds k_patience_with_own{30};

/// A process of our own job that is on its way out still has it.
std::optional<locks::DomainLock> wait_for_own(locks::Busy busy, Time until) {
    locks::Waiting waiting{std::move(busy)};
    for (;;) {
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
            until - std::chrono::steady_clock::now());
        pollfd ended{.fd = waiting.pidfd(), .events = POLLIN, .revents = 0};
        if (left.count() <= 0) {
            return std::nullopt;
        }
        if (::poll(&ended, 1, static_cast<int>(left.count())) > 0) {
            if (auto lock = waiting.finish()) {
                return lock;
            }
        }
    }
}

void tear_down_locked(const run::Config& config, const std::string& run_id, Time until,
                      locks::DomainLock lock, DependencyTeardown& end) {
    lock.write_holder({.run = run_id,
                       .unit = "",
                       .invocation = "",
                       .user = "",
                       .since = std::chrono::system_clock::now(),
                       .until = std::nullopt});
    base::fail_point("teardown.dependency-locked");
    // What a teardown starts must not go on when we are killed and the domain is somebody else's.
    lock.share_with_programs();
    try {
        const platform::TeardownReport report =
            platform::make_platform(config)->teardown(end.domain, until);
        log("dependency {}: {}", end.recipe, report.summary());
        end.how = report;
    } catch (const std::exception& error) {
        end.how = std::string{error.what()};
    }
    // A file that stays tells the janitor, and the next run, that something is left.
    if (end.is_done()) {
        std::move(lock).release();
    } else {
        std::move(lock).leave();
    }
}

void tear_down(const run::Config& config, const std::string& run_id, Time until,
               DependencyTeardown& end) {
    // Anybody in the job can have written the list.
    if (!config.run_app_pattern.matches(end.domain)) {
        throw std::runtime_error{fmt::format("'{}' is no run app", end.domain)};
    }
    auto taken = locks::DomainLock::try_acquire(config.lock_dir, end.domain);
    auto* const busy = std::get_if<locks::Busy>(&taken);
    if (busy == nullptr) {
        tear_down_locked(config, run_id, until, std::move(std::get<locks::DomainLock>(taken)), end);
        return;
    }
    const std::string who = describe(busy->holder, std::chrono::system_clock::now());
    if (!busy->holder || busy->holder->run != run_id) {
        end.left_to_others = true;
        end.how = fmt::format("left to whoever has its lock: {}", who);
        return;
    }
    const Time patience = std::chrono::steady_clock::now() + k_patience_with_own;
    if (auto lock = wait_for_own(std::move(*busy), std::min(until, patience))) {
        tear_down_locked(config, run_id, until, std::move(*lock), end);
        return;
    }
    throw std::runtime_error{fmt::format("its lock could not be had: {}", who)};
}

}  // namespace

std::vector<DependencyTeardown> tear_down_dependencies(const run::Config& config,
                                                       const std::filesystem::path& run_dir,
                                                       const std::string& run_id, Time until) {
    std::vector<DependencyTeardown> ends;
    try {
        const auto text = base::try_read_file(RunTree{run_dir}.teardown_list());
        for (const DeployedDependency& each : parse_dependencies(text.value_or("[]"))) {
            ends.push_back({.recipe = each.recipe, .domain = each.domain});
        }
    } catch (const std::exception& error) {
        ends.push_back({.recipe = "dependencies", .how = std::string{error.what()}});
    }
    std::ranges::reverse(ends);
    for (DependencyTeardown& end : ends) {
        if (end.domain.empty()) {
            continue;
        }
        try {
            tear_down(config, run_id, until, end);
        } catch (const std::exception& error) {
            end.how = std::string{error.what()};
        }
    }
    for (const DependencyTeardown& end : ends) {
        if (const auto* reason = std::get_if<std::string>(&end.how)) {
            log("dependency {}: {}", end.recipe, *reason);
        }
    }
    return ends;
}

}  // namespace ccci::recipe
