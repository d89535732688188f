#pragma once

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

#include "recipe/job.hpp"
#include "recipe/run_tree.hpp"
#include "run/config.hpp"

namespace ccci::recipe {

/// Where a run keeps its backup until it ends: in the run directory, or in the operator's restic
/// repository with no more than the id in the run directory.

/// Makes `<run dir>/backup` (0700) and returns where the archives go.
std::filesystem::path make_backup_directory(const RunTree& tree);

/// With a repository: stores the archives there, checks that they are, notes the id for
/// remove_backup() and removes them here. Returns the id; empty: there is no repository.
std::string put_into_repository(const JobContext& job, const std::filesystem::path& archives);

/// With an id: the way back.
void fetch_from_repository(const JobContext& job, const std::string& id,
                           const std::filesystem::path& archives);

/// Removes all of it, also after a job that was killed; does nothing when there is nothing.
/// Returns a sentence for each thing that is still there.
std::vector<std::string> remove_backup(const run::Config& config,
                                       const std::filesystem::path& run_dir,
                                       const std::vector<std::string>& environment,
                                       std::chrono::microseconds longest);

}  // namespace ccci::recipe
