#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lease/claimant.hpp"
#include "locks/holder.hpp"

namespace ccci::janitor {

/// What a probe of one domain's lock told.
enum class Probe {
    acquired,  ///< nobody holds it, and we hold it now (a dry run: would, if it took it)
    held,      ///< a live run
    unusable,  ///< not a lock file of ours: a directory, a symbolic link, another owner
    unseen,    ///< a dry run could not find out, and does not try
};

/// All that is known of one candidate.
struct Facts {
    std::string domain;
    bool is_run_app = false;     ///< the run-app pattern matches
    bool app_exists = false;     ///< the platform lists it
    bool platform_known = true;  ///< false: no platform, or it could not be asked
    std::string app_evidence;    ///< "3 services, 1 volume"
    bool lock_file_exists = false;
    std::optional<Probe> probe = {};  ///< nullopt: not probed (yet)
    std::string probe_problem = {};   ///< for unusable
    /// Whoever has the domain of all hosts' runs, where it is locked for several hosts.
    std::optional<lease::Claimant> cluster_holder = {};
    std::string cluster_problem = {};  ///< why nobody can say that; then nothing is reaped
    std::optional<locks::Holder> holder = {};
};

enum class Act {
    ignore,       ///< not a run app: never probed
    leave,        ///< a live run owns it
    warn,         ///< a live run owns it, for far too long: leave it, and say so
    skip,         ///< the lock file is not ours
    reap,         ///< nobody owns the app: tear it down under the probe lock, then unlink, unless
                  ///< must_keep_file()
    unlink_only,  ///< a lock file without an app
    keep_file,    ///< nobody owns the file, but whether something is left is not known
    probe,        ///< only taking the lock would tell (in a dry run)
};

struct Action {
    std::string domain;
    Act act = Act::ignore;
    std::string evidence;  ///< for people: what was seen, and what follows

    bool operator==(const Action&) const = default;
};

/// Whether the lock is to be probed at all. A probe may create the lock file, so only for run apps.
bool is_probed(const Facts& facts);

/// What to do about one candidate. `twice_deadline`: a run that holds its lock for longer than that
/// is reported; a held lock is never stolen.
Action plan(const Facts& facts, std::chrono::system_clock::time_point now,
            std::chrono::microseconds twice_deadline);

/// The file is for the next run of the domain, whose own teardown alone undoes what this one did.
bool must_keep_file(const Facts& facts);

std::string to_string(Act act);
/// The same backwards. Throws std::invalid_argument.
Act act_of(std::string_view word);

}  // namespace ccci::janitor
