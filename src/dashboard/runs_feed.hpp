#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "event/loop.hpp"
#include "inspect/list_watch.hpp"
#include "web/message.hpp"

namespace ccci::dashboard {

/// Tells everybody who looks at the list how the runs that go on change. What there is to watch is
/// watched once, and only while somebody looks.
class RunsFeed {
public:
    RunsFeed(event::Loop& loop, std::filesystem::path runs_dir,
             std::function<void(const std::string& line)> on_failure);

    /// Begins with how things are. What it returns ends that by being destroyed.
    std::shared_ptr<void> follow(web::EventSink& sink);

private:
    void look();
    void send_to(web::EventSink& sink) const;
    void leave(web::EventSink& sink);

    event::Loop& loop_;
    std::filesystem::path runs_dir_;
    std::function<void(const std::string& line)> on_failure_;
    std::optional<inspect::ListWatch> watch_;
    std::set<web::EventSink*> sinks_;
    std::string status_;
    std::string live_;
    std::set<std::string> ids_;  ///< of the runs that go on
};

}  // namespace ccci::dashboard
