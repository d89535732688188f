#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "base/text.hpp"
#include "cli/commands.hpp"
#include "cli/find_run.hpp"
#include "cli/print.hpp"
#include "cli/show_view.hpp"
#include "cli/values.hpp"
#include "inspect/run_list.hpp"
#include "run/usage_error.hpp"

namespace ccci::cli {

namespace {

struct ShowOptions {
    std::string run;
    std::string lines;
    bool json = false;
};

constexpr std::size_t k_lines = 10;

/// Of a host on which one run is alive that one is meant.
std::string the_only_live_run(const run::Config& config) {
    std::vector<std::string> ids;
    for (const inspect::ListedRun& run :
         inspect::list_runs(config.runs_dir, {.most_over = 0}).runs) {
        ids.push_back(run.record.run);
    }
    if (ids.empty()) {
        throw run::UsageError{"no run is alive: say which RUN to show (cc-ci ps lists them)"};
    }
    if (ids.size() > 1) {
        throw run::UsageError{fmt::format("{} runs are alive: say which RUN to show: {}",
                                          ids.size(), base::join(ids, ", "))};
    }
    return ids.front();
}

int show(const Context& context, const ShowOptions& options) {
    const std::size_t lines =
        options.lines.empty()  ? k_lines
        : options.lines == "0" ? 0
                               : static_cast<std::size_t>(count_option("--lines", options.lines));
    const run::Config config = context.config();
    const std::string run = options.run.empty() ? the_only_live_run(config) : options.run;
    const inspect::FoundRun found = find_run(config, run);
    inspect::RunReport report = inspect::report_on(config, found, {.lines = lines});
    become_owner(found);
    inspect::add_files_of(found, lines, report);
    if (options.json) {
        print(stdout, "{}\n",
              show_json(report).dump(2, ' ', false, nlohmann::json::error_handler_t::replace));
    } else {
        const Look look = look_of(STDOUT_FILENO, context.environment);
        print(stdout, "{}\n", base::join(show_lines(report, look), "\n"));
    }
    return 0;
}

}  // namespace

Action add_show(CLI::App& program) {
    auto options = std::make_shared<ShowOptions>();
    CLI::App* command = program.add_subcommand("show");
    command->add_option("RUN", options->run)->type_name("");
    command->add_option("-n,--lines", options->lines)->type_name("NUMBER");
    command->add_flag("--json", options->json);
    return [options](const Context& context) { return show(context, *options); };
}

}  // namespace ccci::cli
