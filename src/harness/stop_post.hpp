#pragma once

#include <functional>
#include <string_view>

#include "base/unique_fd.hpp"
#include "link/channel.hpp"
#include "run/run_dir.hpp"
#include "run/verdict.hpp"

namespace ccci::harness {

/// Whom to tell: the kinds out, line and verdict of the link.
using Tell = std::function<void(link::Kind, std::string_view)>;

/// What happens after the harness, whatever became of it. Nothing if it finished and left nothing;
/// else the teardown once more, under the lock that is still held, then the record and the verdict.
///
/// Blocks, for the teardown budget at the most. `lock` may be nothing. Used by ExecStopPost, and by
/// the step itself where no systemd carries the run.
void finish_for_harness(const run::RunDir& dir, base::UniqueFd lock, const run::UnitEnd& end,
                        const Tell& tell);

}  // namespace ccci::harness
