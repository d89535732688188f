#include "launch/direct_carrier.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include "base/descendants.hpp"
#include "base/files.hpp"
#include "harness/end_entry.hpp"
#include "harness/stop_post.hpp"

namespace ccci::launch {

namespace {

/// Until no descendant is left; a few rounds, since what forks meanwhile is caught by the next.
void kill_descendants() {
    for (int round = 0; round < 250 && base::reap_children(); ++round) {
        for (const base::ProcessFacts& process : base::descendants_of(::getpid())) {
            (void)::kill(process.pid, SIGKILL);
        }
        // A grandchild's death is no event until it has become our child: look again soon.
        (void)::poll(nullptr, 0, 20);
    }
}

}  // namespace

DirectCarrier::DirectCarrier(std::optional<systemd::Which> scope) : scope_{scope} {
    if (scope_) {
        manager_.emplace(systemd::Manager::connect(*scope_));
    }
    base::become_subreaper();
}

std::string DirectCarrier::unit_name(const std::string& run) const {
    return scope_ ? fmt::format("cc-ci-run-{}.scope", run) : "";
}

std::string DirectCarrier::manager() const {
    if (!scope_) {
        return "none";
    }
    return *scope_ == systemd::Which::system ? "system" : "user";
}

void DirectCarrier::start(const Load& load, base::UniqueFd link,
                          std::optional<locks::DomainLock> lock) {
    const bool inherit = load.request.inherit_stdio;
    base::Command command{.argv = {base::internal_program("cc-ci-harness")},
                          .death_signal = SIGTERM};
    if (inherit) {
        // A copy of the lock's number in any case, so that the harness finds both where it expects.
        const base::UniqueFd none = base::open_file("/dev/null", O_RDONLY);
        command.argv.emplace_back("--scope");
        command.in = STDIN_FILENO;
        command.more = {{link.get(), 3}, {lock ? lock->fd() : none.get(), 4}};
        auto started = base::spawn(command);
        if (auto* failure = std::get_if<base::CannotExecute>(&started)) {
            throw std::runtime_error{failure->reason};
        }
        child_.emplace(std::move(std::get<base::Child>(started)));
    } else {
        command.in = lock ? lock->fd() : -1;
        command.out = link.get();
        command.err = link.get();
        command.new_session = true;
        auto started = base::spawn(command);
        if (auto* failure = std::get_if<base::CannotExecute>(&started)) {
            throw std::runtime_error{failure->reason};
        }
        child_.emplace(std::move(std::get<base::Child>(started)));
    }
    lock_ = std::move(lock);
    if (scope_) {
        scope_name_ = load.unit;
        // The harness does nothing before its request arrives, so the job is born in the scope.
        (void)manager_->start(systemd::TransientScope{.name = load.unit,
                                                      .description = load.description,
                                                      .slice = "cc-ci.slice",
                                                      .processes = {child_->pid()},
                                                      .runtime_max = load.request.deadline,
                                                      .timeout_stop = load.request.teardown_budget,
                                                      .limits = load.limits});
        if (const auto record = load.dir.read()) {
            harness::log_start(*record);
        }
    }
}

void DirectCarrier::stop() {
    if (child_) {
        child_->kill(SIGTERM);
    }
}

void DirectCarrier::stop_scope() const {
    if (!scope_) {
        return;
    }
    // systemd overlooks now and then that a scope ran empty within its first milliseconds, and
    // would keep it until the deadline.
    try {
        (void)systemd::Manager::connect(*scope_).stop(scope_name_);
    } catch (const systemd::ManagerError&) {
        // Then the deadline ends it: an empty scope holds nothing.
    }
}

void DirectCarrier::finish(const run::RunDir& dir, bool told, bool /*cancelled*/,
                           const std::function<void(link::Kind, std::string_view)>& tell) {
    if (!child_) {
        return;
    }
    const base::ExitStatus status = child_->wait();
    child_.reset();
    stop_scope();
    if (!told) {
        kill_descendants();
    }
    base::UniqueFd lock = lock_ ? base::duplicate(lock_->fd()) : base::UniqueFd{};
    harness::finish_for_harness(
        dir, std::move(lock),
        {.result = status.signal != 0 ? "signal" : "exit-code",
         .exit_code = status.signal != 0 ? "killed" : "exited",
         .exit_status = status.signal != 0 ? fmt::format("signal {}", status.signal)
                                           : std::to_string(status.code)},
        tell);
    if (const auto record = scope_ ? dir.read() : std::nullopt; record && record->verdict) {
        harness::log_end(*record);
    }
}

}  // namespace ccci::launch
