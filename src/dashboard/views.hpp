#pragma once

#include <sys/types.h>

#include <map>
#include <string>
#include <vector>

#include "dashboard/filter.hpp"
#include "inspect/run_list.hpp"
#include "inspect/run_report.hpp"

namespace ccci::dashboard {

// What pages are made of: facts, gathered at one moment.

/// The runs that are alive, and a page of those that are over.
struct RunsView {
    run::Time now;
    std::vector<inspect::ListedRun> live = {};
    std::vector<inspect::ListedRun> past = {};
    Filter filter = {};
    bool has_older = false;                   ///< there is another page of those that are over
    std::string site = {};                    ///< what others know this site by; empty: unknown
    std::map<uid_t, std::string> users = {};  ///< the names of their owners
};

/// What a run has left for everybody to fetch.
struct RunFiles {
    bool results = false;
    bool junit = false;
    bool picture = false;
};

struct RunView {
    inspect::RunReport report;
    RunFiles files = {};
    std::vector<std::string> log = {};  ///< its last lines
    std::string log_hidden = {};        ///< why there are none; empty: they may be read
};

}  // namespace ccci::dashboard
