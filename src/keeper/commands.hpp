#pragma once

#include <CLI/CLI.hpp>

#include "program/action.hpp"

namespace ccci::keeper {

/// `ask --domain D --run ID [--unit U] [--user U] [--no-wait] [--supersede]`: asks for a domain,
/// and holds it until told otherwise (lease/keeper.hpp).
program::Action add_ask(CLI::App& program);
/// `keep --domain D --lease N --revision N`: keeps what is held.
program::Action add_keep(CLI::App& program);
/// `join --domain D --lease N --run ID`: waits for a further domain, to be held by a lease that
/// another keeps; ends with 0 when it is.
program::Action add_join(CLI::App& program);
/// `with --domain D --run ID -- COMMAND...`: runs COMMAND while it holds the domain, and kills it
/// when it does not any more; where COMMAND fails, something may be left. Ends as COMMAND does;
/// with 75 when the domain is taken, and 125 when etcd cannot be asked.
program::Action add_with(CLI::App& program);
/// `list`: all claims, as JSON.
program::Action add_list(CLI::App& program);

}  // namespace ccci::keeper
