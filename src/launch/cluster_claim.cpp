#include "launch/cluster_claim.hpp"

#include <utility>
#include <variant>

namespace ccci::launch {

namespace {

base::Command command_of(const run::Program& program, const std::vector<std::string>& arguments) {
    base::Command command{.argv = program.argv, .environment = program.environment};
    command.argv.insert(command.argv.end(), arguments.begin(), arguments.end());
    return command;
}

}  // namespace

ClusterClaim::ClusterClaim(event::Loop& loop, ClusterLock lock,
                           const std::vector<std::string>& arguments, std::string domain,
                           Calls calls)
    : lock_{std::move(lock)}, domain_{std::move(domain)}, calls_{std::move(calls)} {
    keeper_.emplace(command_of(lock_.ask, arguments));
    lines_ = loop.on_io(keeper_->fd(), EPOLLIN, [this](std::uint32_t) { on_lines(); });
}

void ClusterClaim::on_lines() {
    for (const lease::KeeperLine& line : keeper_->read()) {
        std::visit([this](const auto& each) { hear(each); }, line);
    }
    if (keeper_->is_over()) {
        lines_.reset();
        keeper_.reset();
        if (!had_) {
            hear(lease::Refused{"the keeper of the domain's lease has died", false});
        }
    }
}

void ClusterClaim::hear(const lease::Queued& line) {
    place_ = line;
    calls_.on_queued(line);
}

void ClusterClaim::hear(const lease::Held& line) {
    had_ = true;
    run::Program keep = lock_.keep;
    keep.argv.insert(keep.argv.end(),
                     {"--domain=" + domain_, "--lease=" + std::to_string(line.lease),
                      "--revision=" + std::to_string(line.revision)});
    calls_.on_held({.keeper = std::move(keep),
                    .id = line.lease,
                    .revision = line.revision,
                    .margin = lock_.margin,
                    .until = until_},
                   line.had_predecessor);
}

void ClusterClaim::hear(const lease::Trouble& line) {
    // Each endpoint has words of its own: once is enough until it is over.
    if (std::exchange(trouble_, line.text).empty()) {
        calls_.tell(line.text);
    }
}

void ClusterClaim::hear(const lease::Refused& line) {
    had_ = true;
    calls_.on_refused(line);
}

void ClusterClaim::carry() {
    if (keeper_) {
        keeper_->tell(lease::Order::carried);
    }
}

void ClusterClaim::let_go() {
    if (keeper_) {
        keeper_->let_go();
    }
}

void ClusterClaim::withdraw() {
    if (keeper_) {
        keeper_->tell(lease::Order::withdraw);
        keeper_->let_go();
    }
}

}  // namespace ccci::launch
