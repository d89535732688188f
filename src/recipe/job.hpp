#pragma once

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "naming/stages.hpp"
#include "run/config.hpp"

namespace ccci::recipe {

/// One recipe run. Every text was checked by the functions of run/names.hpp.
struct JobContext {
    std::string recipe;
    std::string ref;  ///< empty: the default branch of `source`, or the local copy as it is
    std::string pull_request;  ///< empty: none
    std::string source;        ///< empty: the copy below config.abra_dir
    naming::Lane lane = naming::Lane::full;
    std::vector<naming::Tier> stages;
    bool skip_fetch = false;  ///< take the copy below config.abra_dir, uncommitted changes included
    std::string run_id;
    std::filesystem::path run_dir;  ///< exists, and belongs to this run alone
    std::string domain;
    run::Config config;
    /// PATH, HOME and the proxies of what is started come from here, and CCCI_NOTE_FILE
    /// and CCCI_PHASE_FILE.
    std::vector<std::string> environment;

    [[nodiscard]] bool asks_for(naming::Tier tier) const {
        return std::find(stages.begin(), stages.end(), tier) != stages.end();
    }
};

/// Runs the tiers: prints the log on stdout, keeps `<run dir>/results.json` and `junit.xml` up to
/// date and writes the note. Leaves the app deployed, but for a promotion. 0: every tier passed; 1:
/// one did not. Throws UsageError when the run cannot be done as it was asked for, and whatever
/// else went wrong with cc-ci or the host; results.json tells these, too.
int run_job(const JobContext& job);

}  // namespace ccci::recipe
