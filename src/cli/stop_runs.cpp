#include "cli/stop_runs.hpp"

#include <algorithm>
#include <chrono>
#include <exception>
#include <memory>
#include <optional>
#include <utility>

#include "base/files.hpp"
#include "base/process.hpp"
#include "base/text.hpp"
#include "event/loop.hpp"
#include "launch/stop_run.hpp"

namespace ccci::cli {

namespace {

/// A waiting step has nothing to tear down. One that does not end sooner is not waited for.
constexpr std::chrono::seconds k_first_turn{2};
constexpr int k_over_already = 3;
constexpr int k_failed = 1;

int stop_as_owner(const inspect::FoundRun& run, const run::StopOrder& order, bool wait,
                  int errors) {
    try {
        become_owner(run);
        event::Loop loop;
        const launch::StopResult result =
            wait ? launch::stop_run_and_wait(loop, run.dir, run.record, order)
                 : launch::stop_run(run.dir, run.record, order);
        return result == launch::StopResult::already_over ? k_over_already : 0;
    } catch (const std::exception& error) {
        base::write_all(errors, base::printable(error.what(), 1000), "pipe");
        return k_failed;
    }
}

/// Somebody who stops one run.
struct Stopper {
    inspect::FoundRun run;
    base::UniqueFd errors;
    std::optional<base::Child> child;
    event::Source over;
};

class Stopping {
public:
    Stopping(const run::StopOrder& order, bool wait, std::function<void(const Stopped&)> tell)
        : order_{order}, wait_{wait}, tell_{std::move(tell)} {}

    void run(std::vector<inspect::FoundRun> runs) {
        const auto rest = std::stable_partition(
            runs.begin(), runs.end(),
            [](const inspect::FoundRun& run) { return run.record.state == run::State::waiting; });
        rest_.assign(std::make_move_iterator(rest), std::make_move_iterator(runs.end()));
        runs.erase(rest, runs.end());
        for (inspect::FoundRun& waiting : runs) {
            ask(std::move(waiting));
        }
        limit_ = loop_.after(k_first_turn, [this] { ask_the_rest(); });
        go_on();
        loop_.run();
    }

private:
    void ask_the_rest() {
        for (inspect::FoundRun& run : std::exchange(rest_, {})) {
            ask(std::move(run));
        }
    }

    void ask(inspect::FoundRun run) {
        auto [read, write] = base::make_pipe();
        auto stopper = std::make_unique<Stopper>(
            Stopper{.run = std::move(run), .errors = std::move(read), .child = {}, .over = {}});
        auto work = [&, fd = write.get()] {
            return stop_as_owner(stopper->run, order_, wait_, fd);
        };
        stopper->child.emplace(base::fork_function(work));
        stopper->over = loop_.on_io(stopper->child->pidfd(), EPOLLIN,
                                    [this, raw = stopper.get()](std::uint32_t) { finish(*raw); });
        stoppers_.push_back(std::move(stopper));
    }

    void finish(Stopper& stopper) {
        const base::ExitStatus status = stopper.child->wait();
        Stopped stopped{
            .run = std::move(stopper.run), .result = Stopped::Result::failed, .error = {}};
        if (status.success()) {
            stopped.result = wait_ ? Stopped::Result::over : Stopped::Result::asked;
        } else if (status == base::ExitStatus{.code = k_over_already, .signal = 0}) {
            stopped.result = Stopped::Result::already_over;
        } else {
            stopped.error = base::read_all(stopper.errors.get(), "pipe");
            if (stopped.error.empty()) {
                stopped.error = "whoever was to stop it ended with " + base::describe(status);
            }
        }
        tell_(stopped);
        std::erase_if(stoppers_, [&](const auto& one) { return one.get() == &stopper; });
        go_on();
    }

    void go_on() {
        if (!stoppers_.empty()) {
            return;
        }
        ask_the_rest();
        if (stoppers_.empty()) {
            loop_.stop();
        }
    }

    const run::StopOrder& order_;
    bool wait_;
    std::function<void(const Stopped&)> tell_;
    event::Loop loop_;
    event::Source limit_;
    std::vector<inspect::FoundRun> rest_;
    std::vector<std::unique_ptr<Stopper>> stoppers_;
};

}  // namespace

void stop_runs(std::vector<inspect::FoundRun> runs, const run::StopOrder& order, bool wait,
               const std::function<void(const Stopped&)>& tell) {
    Stopping{order, wait, tell}.run(std::move(runs));
}

}  // namespace ccci::cli
