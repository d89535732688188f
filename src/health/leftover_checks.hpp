#pragma once

#include <string>
#include <vector>

#include "health/check.hpp"

namespace ccci::health {

/// A file in the lock directory that has the name of a domain's lock.
struct LockFileFacts {
    std::string path = {};
    std::string domain = {};
    std::string problem = {};  ///< why it is no lock file of ours; empty: it is one
    enum class State { held, free, unknown } state = State::unknown;
    bool has_holder = false;  ///< somebody wrote in it, and did not remove it
    std::string run = {};     ///< who that was
    bool own_teardown = false;
};

/// `has_platform`: the janitor can know whether something is left.
Checks judge_lock_files(const std::vector<LockFileFacts>& files, bool has_platform);

/// A run whose record says that it goes on, and of which nothing lives.
struct LostRun {
    std::string id = {};
    std::string directory = {};
    std::string state = {};
};

Check judge_runs(const std::vector<LostRun>& lost, std::size_t all);

/// What a janitor would do now.
struct ReapingFacts {
    std::string not_known = {};             ///< why nobody can tell; empty: it can be told
    std::vector<std::string> orphans = {};  ///< "demo-0a1b2c.ci.localhost (1 volume)"
    std::vector<std::string> overdue = {};  ///< held for more than twice the deadline
    std::vector<std::string> unseen = {};   ///< what a probe alone would tell
    std::vector<std::string> problems = {};
};

Check judge_reaping(const ReapingFacts& facts);

}  // namespace ccci::health
