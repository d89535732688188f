#include <fmt/format.h>
#include <unistd.h>

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "base/text.hpp"
#include "cli/commands.hpp"
#include "cli/find_run.hpp"
#include "cli/print.hpp"
#include "cli/values.hpp"
#include "launch/stop_run.hpp"
#include "run/retention.hpp"
#include "run/run_dir.hpp"

namespace ccci::cli {

namespace {

namespace fs = std::filesystem;

struct PruneOptions {
    std::string older_than;
    std::string keep;
    bool dry_run = false;
    bool json = false;
};

constexpr std::chrono::hours k_usual_age{24 * 30};

run::Retention retention_of(const PruneOptions& options) {
    run::Retention retention;
    if (!options.keep.empty()) {
        retention.most = count_option("--keep", options.keep);
    }
    if (!options.older_than.empty()) {
        retention.longest = duration_option("--older-than", options.older_than);
    } else if (!retention.most) {
        retention.longest = k_usual_age;
    }
    return retention;
}

/// Those of ours that nobody carries. A directory without a record is not one of them: it may be a
/// run that is just being made.
std::vector<run::PastRun> past_runs(const fs::path& runs_dir) {
    std::vector<run::PastRun> runs;
    for (const run::RunDir& dir : run::RunDir::all(runs_dir)) {
        const auto record = dir.owner() == ::geteuid() ? inspect::read_visible(dir) : std::nullopt;
        const auto last = record && record->ended ? record->ended
                          : record                ? record->created
                                                  : std::nullopt;
        if (last && !launch::is_carried(*record)) {
            runs.push_back({dir.id(), *last});
        }
    }
    return runs;
}

/// The record goes last: what is stopped in the middle is found again the next time.
void remove_run(const fs::path& directory) {
    const fs::path record = directory / "run.json";
    for (const fs::directory_entry& entry : fs::directory_iterator{directory}) {
        if (entry.path() != record) {
            fs::remove_all(entry.path());
        }
    }
    fs::remove(record);
    fs::remove(directory);
}

int prune(const Context& context, const PruneOptions& options) {
    const run::Retention retention = retention_of(options);
    const fs::path& runs_dir = context.config().runs_dir;
    const std::vector<run::PastRun> runs = past_runs(runs_dir);
    nlohmann::json removed = nlohmann::json::array();
    nlohmann::json left = nlohmann::json::array();
    for (const std::string& id : run::expired(runs, retention, std::chrono::system_clock::now())) {
        try {
            if (!options.dry_run) {
                remove_run(runs_dir / id);
            } else if (!options.json) {
                print(stdout, "would remove run {}\n", id);
            }
            removed.push_back(id);
        } catch (const fs::filesystem_error& error) {
            left.push_back({{"run", id}, {"reason", error.what()}});
            print(stderr, "cc-ci: remove run {}: {}\n", id, base::printable(error.what()));
        }
    }
    if (options.json) {
        print(stdout, "{}\n",
              nlohmann::json{
                  {"removed", removed}, {"kept", runs.size() - removed.size()}, {"left", left}}
                  .dump(2, ' ', false, nlohmann::json::error_handler_t::replace));
    } else {
        print(stdout, "{} {} of {} past runs\n", options.dry_run ? "would remove" : "removed",
              removed.size(), runs.size());
    }
    return left.empty() ? 0 : 1;
}

}  // namespace

Action add_prune(CLI::App& program) {
    auto options = std::make_shared<PruneOptions>();
    CLI::App* command = program.add_subcommand("prune");
    command->add_option("--older-than", options->older_than)->type_name("TIME");
    command->add_option("--keep", options->keep)->type_name("NUMBER");
    command->add_flag("--dry-run", options->dry_run);
    command->add_flag("--json", options->json);
    return [options](const Context& context) { return prune(context, *options); };
}

}  // namespace ccci::cli
