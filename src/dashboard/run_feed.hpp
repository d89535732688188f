#pragma once

#include <functional>
#include <optional>
#include <string>

#include "event/loop.hpp"
#include "inspect/run_log.hpp"
#include "inspect/run_watch.hpp"
#include "run/config.hpp"
#include "web/message.hpp"

namespace ccci::dashboard {

/// Tells one who looks at a run how it goes on and what it says, to its end.
class RunFeed {
public:
    /// Begins with how things are. Throws std::system_error where the run cannot be watched.
    RunFeed(event::Loop& loop, const run::Config& config, const inspect::FoundRun& run,
            web::EventSink& sink, std::function<void(const std::string& line)> on_failure);

private:
    void show_state();
    void show_log();
    void show_end();
    void guarded(const std::function<void()>& action);

    event::Loop& loop_;
    const run::Config& config_;
    inspect::FoundRun run_;
    web::EventSink& sink_;
    std::function<void(const std::string& line)> on_failure_;
    inspect::RunLog log_;
    event::Source soon_;  ///< when what was said meanwhile is shown
    std::string state_;   ///< as it was sent last
    bool over_ = false;
    std::optional<inspect::RunWatch> watch_;
};

}  // namespace ccci::dashboard
