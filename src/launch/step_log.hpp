#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <string_view>

#include "event/loop.hpp"
#include "event/outlet.hpp"

namespace ccci::launch {

/// What people see of a run in the log of its CI step: the job's output as it comes, and lines of
/// ours, which begin with "cc-ci: ", at the start of a line. Never blocks.
class StepLog {
public:
    /// `merged`: stdout and stderr are the same place, so all goes through one of them and stays in
    /// order. `on_room`: called as output goes out.
    StepLog(event::Loop& loop, bool merged, std::function<void()> on_room);

    void out(std::string_view bytes);
    void err(std::string_view bytes);
    void say(std::string_view text);

    [[nodiscard]] bool is_full() const { return out_.is_full() || err_.is_full(); }
    [[nodiscard]] bool is_shown() const { return out_.pending() == 0 && err_.pending() == 0; }
    /// What is said next would begin in the middle of a line.
    [[nodiscard]] bool is_mid_line() const { return merged_ ? out_mid_line_ : err_mid_line_; }
    /// When there was anything last.
    [[nodiscard]] std::chrono::steady_clock::time_point last_word() const { return last_word_; }

private:
    struct Place {
        event::Outlet& outlet;
        bool& mid_line;
    };
    void write(Place place, std::string_view bytes);

    event::Outlet out_;
    event::Outlet err_;
    bool merged_;
    std::string prefix_;
    bool out_mid_line_ = false;
    bool err_mid_line_ = false;
    std::chrono::steady_clock::time_point last_word_ = std::chrono::steady_clock::now();
};

}  // namespace ccci::launch
