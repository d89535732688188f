#pragma once

#include <string>
#include <vector>

#include "bridge/state.hpp"
#include "gitea/client.hpp"

namespace ccci::bridge {

/// Where people can look at an errand.
struct Places {
    std::string dashboard;  ///< without a slash at its end; empty: there is none
    std::string builds;     ///< the page of Drone's repository: https://drone.example.net/ops/ci
};

/// Empty before there is a build.
std::string place_of(const Errand& errand, const Places& places);

/// The whole comment about a pull request, Markdown; `errands`: those of the pull request, the
/// oldest first. Whatever somebody else said in it is in code spans.
std::string comment_text(const std::vector<const Errand*>& errands, const Reply& reply,
                         const Places& places);

/// What is shown beside the commit. A quick run has a context of its own, so that it never makes
/// the commit look as a full run that passed does.
gitea::CommitStatus commit_status(const Errand& errand, const Places& places);

/// One that differs in nothing that is shown has the same.
std::string fingerprint(const gitea::CommitStatus& status);

/// "Queued", "Running", or how it ended, with the level.
std::string state_of(const Errand& errand);

/// What of it nobody should have to wait for: its state, its build, and whether it is in trouble.
std::string gist(const Errand& errand);

/// "Passed", "Ran out of memory", ...
std::string_view headline(Ending ending);

}  // namespace ccci::bridge
