#pragma once

#include <sys/types.h>

#include <cstddef>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "inspect/found_run.hpp"
#include "run/record.hpp"
#include "run/run_dir.hpp"

namespace ccci::inspect {

struct ListedRun {
    run::RunDir dir;
    run::Record record;
    uid_t owner = 0;
    bool carried = false;
};

/// The state or the verdict; "lost": the record's last word is not "ended", and nobody is left to
/// write another.
std::string shown_state(const run::Record& record, bool carried);

struct Wanted {
    std::optional<std::size_t> most_over = {};  ///< of those that are over, the newest so many
    std::string domain = {};                    ///< empty: any
    std::string state = {};                     ///< as shown; empty: any
    Whose whose = Whose::visible;
    /// And whatever else; empty: any.
    std::function<bool(const run::Record&)> matching = {};
};

struct RunList {
    /// First those that are alive, beginning with those that wait, then those that are over; the
    /// newest first.
    std::vector<ListedRun> runs;
    /// Wanted or not: those of which another word may come.
    std::vector<ListedRun> unended;
    std::vector<std::filesystem::path> without_record;
};

/// The runs that we may see. Throws std::system_error where the directory cannot be read; one that
/// is not there has no runs.
RunList list_runs(const std::filesystem::path& runs_dir, const Wanted& wanted);

}  // namespace ccci::inspect
