#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

#include "run/config.hpp"
#include "run/record.hpp"
#include "run/run_dir.hpp"

namespace ccci::cli {

/// nullopt when it is not for us to see, when there is none, and when it says that it is another
/// run's.
std::optional<run::Record> read_visible(const run::RunDir& dir);

struct FoundRun {
    run::RunDir dir;
    run::Record record;
    uid_t owner;
};

/// Which run a domain stands for.
enum class Meant {
    newest,  ///< the one that came last
    live,    ///< the one that is alive; where none is, the newest
};

/// The run of that id, or else a run of that domain; for root also another user's. Throws
/// run::UsageError when there is none, and when several that are alive could be meant.
FoundRun find_run(const run::Config& config, const std::string& name, Meant meant = Meant::newest);

/// Before anything is done to that run: root becomes the run's user for good, so that nothing but
/// what is that user's can be hit, whatever the record says. Others stay who they are.
void become_owner(const FoundRun& found);

}  // namespace ccci::cli
