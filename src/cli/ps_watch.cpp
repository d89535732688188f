#include "cli/ps_watch.hpp"

#include <fmt/format.h>
#include <signal.h>
#include <unistd.h>

#include <cstdio>
#include <nlohmann/json.hpp>
#include <optional>
#include <system_error>

#include "base/text.hpp"
#include "cli/print.hpp"
#include "cli/ps_view.hpp"
#include "cli/screen.hpp"
#include "event/loop.hpp"
#include "inspect/list_watch.hpp"

namespace ccci::cli {

namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;
using std::chrono::system_clock;

class PsWatch {
public:
    PsWatch(event::Loop& loop, const std::filesystem::path& runs_dir, const inspect::Wanted& wanted,
            bool as_json, const std::vector<std::string>& environment)
        : loop_{loop},
          wanted_{wanted},
          as_json_{as_json},
          environment_{environment},
          watch_{loop, runs_dir, [this] { refresh(); }} {
        for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
            signals_.push_back(loop.on_signal(signal, [this](const signalfd_siginfo& info) {
                end(static_cast<int>(info.ssi_signo));
            }));
        }
        if (::isatty(STDOUT_FILENO) != 0 && !as_json) {
            take_terminal();
        } else {
            watch_reader();
        }
    }

    int run() {
        refresh();
        loop_.run();
        return code_;
    }

private:
    void take_terminal() {
        event::Loop::block_signals({SIGWINCH, SIGTSTP});
        screen_.emplace();
        signals_.push_back(loop_.on_signal(SIGWINCH, [this](const signalfd_siginfo&) { draw(); }));
        signals_.push_back(loop_.on_signal(SIGTSTP, [this](const signalfd_siginfo&) {
            screen_->leave();
            (void)::raise(SIGSTOP);
            screen_->enter();
            draw();
        }));
        clock_ = loop_.on_time(steady_clock::time_point::max(), [this] { draw(); });
    }

    /// A pipe whose reader is gone is reported whatever is asked for; a file cannot be watched.
    void watch_reader() {
        try {
            reader_ = loop_.on_io(STDOUT_FILENO, 0, [this](std::uint32_t) { loop_.stop(); });
        } catch (const std::system_error&) {
        }
    }

    void end(int signal) {
        code_ = 128 + signal;
        loop_.stop();
    }

    void refresh() {
        runs_ = watch_.list(wanted_).runs;
        if (screen_) {
            draw();
            return;
        }
        // Not everything that happens is to be seen.
        nlohmann::json now = ps_json(runs_);
        if (shown_ != now) {
            shown_ = std::move(now);
            print_runs();
        }
    }

    void print_runs() {
        const auto now = system_clock::now();
        if (as_json_) {
            const nlohmann::json line{{"time", base::format_time(now)}, {"runs", shown_}};
            print(stdout, "{}\n",
                  line.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
        } else {
            print(stdout, "{}{}\n", is_first_ ? "" : "\n",
                  base::join(ps_lines(runs_, now, look_of(STDOUT_FILENO, environment_)), "\n"));
        }
        is_first_ = false;
    }

    void draw() {
        const Look look = look_of(STDOUT_FILENO, environment_);
        screen_->draw(ps_lines(runs_, system_clock::now(), look), look);
        // For the times only: what happens is told.
        bool is_any_alive = false;
        for (const inspect::ListedRun& run : runs_) {
            is_any_alive = is_any_alive || run.carried;
        }
        if (is_any_alive) {
            clock_.set_time(steady_clock::now() + 1s);
        } else {
            clock_.enable(false);
        }
    }

    event::Loop& loop_;
    const inspect::Wanted& wanted_;
    bool as_json_;
    const std::vector<std::string>& environment_;
    inspect::ListWatch watch_;
    std::vector<event::Source> signals_;
    event::Source clock_;
    event::Source reader_;
    std::optional<Screen> screen_;
    std::vector<inspect::ListedRun> runs_;
    nlohmann::json shown_;
    bool is_first_ = true;
    int code_ = 0;
};

}  // namespace

int watch_runs(const std::filesystem::path& runs_dir, const inspect::Wanted& wanted, bool as_json,
               const std::vector<std::string>& environment) {
    event::Loop::block_signals({SIGINT, SIGTERM, SIGHUP});
    event::Loop loop;
    return PsWatch{loop, runs_dir, wanted, as_json, environment}.run();
}

}  // namespace ccci::cli
