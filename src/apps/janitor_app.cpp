#include "apps/janitor_app.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>

#include "apps/log.hpp"
#include "janitor/janitor.hpp"
#include "platform/platform.hpp"

namespace ccci::apps {

namespace {

struct Options {
    janitor::Options pass;
    std::string only;
    bool json = false;
};

std::string line_of(const janitor::Outcome& outcome, bool dry_run) {
    std::string line = fmt::format("{}: {}{}: {}", outcome.action.domain, dry_run ? "would " : "",
                                   to_string(outcome.action.act), outcome.action.evidence);
    if (!outcome.report.empty()) {
        line += fmt::format("; {}", outcome.report);
    }
    if (!outcome.done) {
        line += "; NOT DONE";
    }
    return line;
}

nlohmann::json json_of(const janitor::Pass& pass) {
    nlohmann::json result{{"version", 1},
                          {"complete", pass.is_complete()},
                          {"problems", pass.problems},
                          {"candidates", nlohmann::json::array()}};
    for (const janitor::Outcome& outcome : pass.outcomes) {
        result["candidates"].push_back({{"domain", outcome.action.domain},
                                        {"action", to_string(outcome.action.act)},
                                        {"evidence", outcome.action.evidence},
                                        {"report", outcome.report},
                                        {"done", outcome.done}});
    }
    return result;
}

int run_janitor(const run::Config& config, Options options) {
    if (!options.only.empty()) {
        options.pass.only = run::check_domain(options.only);
    }
    const auto platform = platform::make_platform(config);
    const janitor::Pass pass = janitor::make_pass(
        config, platform.get(), options.pass, [&](const janitor::Outcome& outcome) {
            if (!options.json) {
                fmt::print("{}\n", line_of(outcome, options.pass.dry_run));
                (void)std::fflush(stdout);
            }
        });
    if (options.json) {
        fmt::print("{}\n",
                   json_of(pass).dump(2, ' ', false, nlohmann::json::error_handler_t::replace));
    } else if (pass.outcomes.empty() && pass.problems.empty()) {
        fmt::print("nothing to do\n");
    }
    for (const std::string& problem : pass.problems) {
        make_log()->warn("janitor pass incomplete: {}", problem);
    }
    return pass.is_complete() ? 0 : 1;
}

}  // namespace

Action add_janitor(CLI::App& program) {
    auto options = std::make_shared<Options>();
    CLI::App* command = program.add_subcommand("janitor");
    command->add_option("--domain", options->only);
    command->add_flag("--dry-run", options->pass.dry_run);
    command->add_flag("--json", options->json);
    return [options](const run::Config& config, const std::vector<std::string>&) {
        return run_janitor(config, *options);
    };
}

}  // namespace ccci::apps
