#pragma once

#include <functional>

#include "base/unique_fd.hpp"
#include "event/loop.hpp"
#include "inspect/found_run.hpp"

namespace ccci::inspect {

/// Tells when a run is over: nothing of it lives any more that could say something. The step may
/// still be there, showing what was said.
class RunWatch {
public:
    /// `on_change` is called for each new record, `on_over` once; both from the loop, or at once
    /// from here. Throws std::system_error.
    RunWatch(event::Loop& loop, const FoundRun& run,
             std::function<void(const run::Record&)> on_change, std::function<void()> on_over,
             Whose whose = Whose::visible);

private:
    void check();
    [[nodiscard]] bool follow(const std::optional<run::ProcessId>& process);

    event::Loop& loop_;
    FoundRun run_;
    Whose whose_;
    std::function<void(const run::Record&)> on_change_;
    std::function<void()> on_over_;
    base::UniqueFd changes_;
    event::Source changed_;
    std::optional<run::ProcessId> followed_;
    base::UniqueFd pidfd_;
    event::Source process_over_;
    event::Source again_;
};

}  // namespace ccci::inspect
