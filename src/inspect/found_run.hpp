#pragma once

#include <sys/types.h>

#include <optional>

#include "run/record.hpp"
#include "run/run_dir.hpp"

namespace ccci::inspect {

struct FoundRun {
    run::RunDir dir;
    run::Record record;
    uid_t owner;
};

/// nullopt when it is not for us to see, when there is none, and when it says that it is another
/// run's.
std::optional<run::Record> read_visible(const run::RunDir& dir);

/// The same, with the owner whose record that surely is.
std::optional<FoundRun> look_at(const run::RunDir& dir);

}  // namespace ccci::inspect
