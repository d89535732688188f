#include "dashboard/runs_feed.hpp"

#include <algorithm>
#include <exception>
#include <utility>

#include "dashboard/gather.hpp"
#include "dashboard/runs_page.hpp"

namespace ccci::dashboard {

RunsFeed::RunsFeed(event::Loop& loop, std::filesystem::path runs_dir,
                   std::function<void(const std::string& line)> on_failure)
    : loop_{loop}, runs_dir_{std::move(runs_dir)}, on_failure_{std::move(on_failure)} {}

std::shared_ptr<void> RunsFeed::follow(web::EventSink& sink) {
    std::shared_ptr<void> follower{nullptr, [this, &sink](void*) { leave(sink); }};
    if (watch_ && !live_.empty()) {
        sinks_.insert(&sink);
        send_to(sink);
        return follower;
    }
    try {
        sinks_.insert(&sink);
        if (!watch_) {
            watch_.emplace(loop_, runs_dir_, [this] { look(); });
        }
        look();
    } catch (const std::exception& error) {
        on_failure_(error.what());
        sink.end();
    }
    return follower;
}

void RunsFeed::leave(web::EventSink& sink) {
    sinks_.erase(&sink);
    if (sinks_.empty()) {
        watch_.reset();
        ids_.clear();
    }
}

void RunsFeed::look() {
    try {
        const RunsView view = view_of_live(watch_->list(wanted_live()));
        status_ = status_line(view);
        live_ = live_runs(view).markup();
        std::set<std::string> ids;
        for (const inspect::ListedRun& run : view.live) {
            ids.insert(run.record.run);
        }
        const bool ended = !std::includes(ids.begin(), ids.end(), ids_.begin(), ids_.end());
        ids_ = std::move(ids);
        for (web::EventSink* sink : sinks_) {
            send_to(*sink);
            if (ended) {
                sink->send("ended", "");
            }
        }
    } catch (const std::exception& error) {
        live_.clear();
        // Browsers ask again.
        on_failure_(error.what());
        for (web::EventSink* sink : sinks_) {
            sink->end();
        }
    }
}

void RunsFeed::send_to(web::EventSink& sink) const {
    sink.send("status", status_);
    sink.send("live", live_);
}

}  // namespace ccci::dashboard
