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

/// Whose runs to look at.
enum class Whose {
    visible,   ///< ours and root's; for root everybody's (run::RunDir::is_visible())
    anybodys,  ///< for who only shows them, and says whose they are
};

/// nullopt: not a run directory of any of those.
std::optional<uid_t> owner_of(const run::RunDir& dir, Whose whose);

/// nullopt when it is not for us to see, when there is none, and when it says that it is another
/// run's.
std::optional<run::Record> read_visible(const run::RunDir& dir, Whose whose = Whose::visible);

/// The same, with the owner whose record that surely is.
std::optional<FoundRun> look_at(const run::RunDir& dir, Whose whose = Whose::visible);

}  // namespace ccci::inspect
