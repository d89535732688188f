#include "dashboard/run_feed.hpp"

#include <exception>
#include <utility>

#include "dashboard/gather.hpp"
#include "dashboard/run_page.hpp"

namespace ccci::dashboard {

namespace {

using namespace std::chrono_literals;

/// Lines that come faster than that are shown together.
constexpr auto k_pause = 100ms;
/// Of more than so many at once the last are shown: nobody reads them all here.
constexpr std::size_t k_most_at_once = 1000;

}  // namespace

RunFeed::RunFeed(event::Loop& loop, const run::Config& config, const inspect::FoundRun& run,
                 web::EventSink& sink, std::function<void(const std::string& line)> on_failure)
    : loop_{loop},
      config_{config},
      run_{run},
      sink_{sink},
      on_failure_{std::move(on_failure)},
      log_{run} {
    log_.follow(loop_, [this] {
        if (!soon_) {
            soon_ = loop_.after(k_pause, [this] {
                soon_.reset();
                guarded([this] { show_log(); });
            });
        }
    });
    sink_.send("log", log_lines(log_.last(k_lines)).markup());
    watch_.emplace(
        loop_, run_,
        [this](const run::Record& record) {
            run_.record = record;
            guarded([this] {
                show_state();
                show_log();
            });
        },
        [this] { guarded([this] { show_end(); }); }, inspect::Whose::anybodys);
}

/// No page is worth the service's end.
void RunFeed::guarded(const std::function<void()>& action) {
    if (over_) {
        return;
    }
    try {
        action();
    } catch (const std::exception& error) {
        on_failure_(error.what());
        over_ = true;
        sink_.end();
    }
}

void RunFeed::show_state() {
    const RunView view = gather_run(config_, run_);
    std::string state = run_state(view).markup();
    if (state != state_) {
        state_ = std::move(state);
        sink_.send("status", run_status_line(view));
        sink_.send("state", state_);
    }
}

void RunFeed::show_log() {
    const auto lines = log_.more(k_most_at_once);
    if (lines.size() >= k_most_at_once) {
        sink_.send("log", log_lines(log_.last(k_lines)).markup());
    } else if (!lines.empty()) {
        sink_.send("log-more", log_lines(lines).markup());
    }
}

void RunFeed::show_end() {
    show_log();
    if (const auto last = find(config_, run_.dir.id())) {
        run_ = *last;
        show_state();
    }
    over_ = true;
    soon_.reset();
    sink_.send("over", "");
    sink_.end();
}

}  // namespace ccci::dashboard
