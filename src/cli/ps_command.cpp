#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <memory>
#include <string>

#include <nlohmann/json.hpp>

#include "base/text.hpp"
#include "cli/commands.hpp"
#include "cli/print.hpp"
#include "cli/ps_view.hpp"
#include "cli/ps_watch.hpp"
#include "run/names.hpp"
#include "run/usage_error.hpp"

namespace ccci::cli {

namespace {

struct PsOptions {
    bool all = false;
    bool json = false;
    bool watch = false;
    std::string domain;
    std::string state;
};

constexpr std::size_t k_recent = 10;
constexpr std::array k_states{
    "waiting", "starting",      "running",   "tearing-down", "lost",
    "passed",  "failed",        "cancelled", "superseded",   "deadline",
    "killed",  "out-of-memory", "fenced",    "refused",      "leftovers",
};

inspect::Wanted wanted_by(const PsOptions& options) {
    if (!options.state.empty() &&
        std::find(k_states.begin(), k_states.end(), options.state) == k_states.end()) {
        throw run::UsageError{fmt::format("--state: want one of {}, not '{}'",
                                          fmt::join(k_states, ", "),
                                          base::printable(options.state))};
    }
    inspect::Wanted wanted{.state = options.state};
    if (!options.all) {
        wanted.most_over = k_recent;
    }
    if (!options.domain.empty()) {
        wanted.domain = run::check_domain(options.domain);
    }
    return wanted;
}

int ps(const Context& context, const PsOptions& options) {
    const inspect::Wanted wanted = wanted_by(options);
    const std::filesystem::path runs_dir = context.config().runs_dir;
    if (options.watch) {
        return watch_runs(runs_dir, wanted, options.json, context.environment);
    }
    const std::vector<inspect::ListedRun> runs = inspect::list_runs(runs_dir, wanted).runs;
    if (options.json) {
        print(stdout, "{}\n",
              ps_json(runs).dump(2, ' ', false, nlohmann::json::error_handler_t::replace));
    } else {
        const Look look = look_of(STDOUT_FILENO, context.environment);
        print(stdout, "{}\n",
              base::join(ps_lines(runs, std::chrono::system_clock::now(), look), "\n"));
    }
    return 0;
}

}  // namespace

Action add_ps(CLI::App& program) {
    auto options = std::make_shared<PsOptions>();
    CLI::App* command = program.add_subcommand("ps");
    command->add_flag("--all", options->all);
    command->add_option("--domain", options->domain)->type_name("DOMAIN");
    command->add_option("--state", options->state)
        ->type_name(fmt::format("{}", fmt::join(k_states, "|")));
    command->add_flag("-w,--watch", options->watch);
    command->add_flag("--json", options->json);
    return [options](const Context& context) { return ps(context, *options); };
}

}  // namespace ccci::cli
