#include "platform/command_platform.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <set>
#include <stdexcept>

#include "base/duration.hpp"
#include "base/process.hpp"
#include "base/text.hpp"
#include "platform/bounded_command.hpp"

namespace ccci::platform {

namespace {

using std::chrono::steady_clock;

constexpr std::size_t k_most_output = std::size_t{16} << 20;

bool looks_like_domain(std::string_view line) {
    return line.find('.') != std::string_view::npos && std::ranges::all_of(line, [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-';
           });
}

/// Why a command did not do it; empty when it did.
std::string failure(const char* name, const std::optional<base::ExitStatus>& status,
                    std::chrono::microseconds allowed) {
    if (!status) {
        return fmt::format("{} was killed after {}", name, base::format_duration(allowed));
    }
    return status->success() ? "" : fmt::format("{} failed: {}", name, base::describe(*status));
}

}  // namespace

Listing parse_listing(const std::string& text, const run::RunAppPattern& pattern) {
    Listing listing;
    std::set<std::string> seen;
    for (const std::string& raw : base::split(text, '\n')) {
        const std::string line{base::trim(raw)};
        if (line.empty() || !seen.insert(line).second) {
            continue;
        }
        if (pattern.matches(line)) {
            listing.apps.push_back({line, "listed by list_command"});
        } else if (!looks_like_domain(line)) {
            listing.invalid.push_back(base::printable(line, 80));
        }
    }
    return listing;
}

std::vector<App> CommandPlatform::list(const run::RunAppPattern& pattern) {
    std::string output;
    const auto status = run_bounded(
        {.argv = {"/bin/sh", "-c", config_.list_command}, .err = 2},
        steady_clock::now() + config_.command_timeout, [&](std::string_view part) {
            output.append(part.substr(0, k_most_output - std::min(k_most_output, output.size())));
        });
    const std::string reason = failure("list_command", status, config_.command_timeout);
    if (!reason.empty()) {
        throw std::runtime_error{"list apps: " + reason};
    }
    Listing listing = parse_listing(output, pattern);
    for (const std::string& line : listing.invalid) {
        fmt::print(stderr, "cc-ci: list_command printed what is no domain, ignored: '{}'\n", line);
    }
    return std::move(listing.apps);
}

TeardownReport CommandPlatform::teardown(const std::string& domain,
                                         steady_clock::time_point until) {
    const auto begin = steady_clock::now();
    const auto allowed =
        std::max(std::chrono::microseconds{0},
                 std::min(config_.command_timeout,
                          std::chrono::duration_cast<std::chrono::microseconds>(until - begin)));
    std::vector<std::string> environment = base::own_environment();
    base::set_variable(environment, "CCCI_DOMAIN", run::check_domain(domain));
    const auto status = run_bounded({.argv = {"/bin/sh", "-c", config_.teardown_command},
                                     .environment = std::move(environment)},
                                    begin + allowed, pass_to_stdout);
    TeardownReport report;
    const std::string reason = failure("teardown_command", status, allowed);
    if (!reason.empty()) {
        report.left.push_back(fmt::format("app {}: {}", domain, reason));
    }
    report.took =
        std::chrono::duration_cast<std::chrono::microseconds>(steady_clock::now() - begin);
    return report;
}

}  // namespace ccci::platform
