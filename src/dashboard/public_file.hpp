#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "run/run_dir.hpp"

namespace ccci::dashboard {

/// A file right in a run directory, if it is a plain file that everybody may read and that belongs
/// to the run's owner, whatever it takes to open it. nullopt for everything else: the job may have
/// put a link, a device or another's file in its place. `name` is one of ours, never a request's.
std::optional<std::string> read_public_file(const run::RunDir& dir, const char* name,
                                            std::size_t limit);

/// Whether there is one.
bool has_public_file(const run::RunDir& dir, const char* name);

}  // namespace ccci::dashboard
