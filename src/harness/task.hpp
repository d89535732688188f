#pragma once

#include <functional>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/process.hpp"
#include "event/loop.hpp"
#include "harness/output.hpp"
#include "run/request.hpp"

namespace ccci::harness {

/// One program of the run, from its start to the death of everything that it left behind.
///
/// The harness is a subreaper, so whatever the program started, daemonised processes included, is
/// found among the harness's descendants. There is one Task at a time.
class Task {
public:
    struct Result {
        base::ExitStatus status;
        std::vector<std::string> leaked;  ///< command lines of what was alive when it ended
        std::size_t leaked_more = 0;      ///< and so many that are not among them
        bool all_gone = true;             ///< false: something could not be killed
    };

    Task(event::Loop& loop, Output& output);
    Task(const Task&) = delete;
    Task& operator=(const Task&) = delete;
    ~Task() = default;

    /// Starts it in a process group of its own, its output going to `output`; `on_end` is called
    /// once, from the loop. Returns the reason if it cannot be executed; on_end is not called then.
    /// `hear`, if there is one, says whether the program has told something that tiers of the
    /// output are expected for; it is asked before anything that was read is passed on.
    std::optional<base::CannotExecute> start(const run::Program& program, bool merged_output,
                                             bool inherit_stdio,
                                             std::function<void(const Result&)> on_end,
                                             std::function<bool()> hear = {});

    /// This child of ours, and what it may start, is none of the program's. 0: there is none.
    void spare(pid_t child) { spared_ = child; }

    /// Asks `hear` now. The tiers of what it tells are settled when all has been passed on that is
    /// in the program's pipes at this moment.
    void listen();
    /// Whether the program has written anything so far.
    [[nodiscard]] bool has_output() const { return has_output_; }

    /// TERM to its process group.
    void terminate() const;
    /// KILL to it and to every descendant, now.
    void kill();

    void resume_output();

private:
    void make_pump(std::optional<Pump>& pump, base::UniqueFd pipe, link::Kind kind);
    void before_output();
    void after_output();
    void settle();
    void on_exit();
    void find_leaks();
    /// Reaps what is dead; whether anything of the program's is alive.
    [[nodiscard]] bool has_others() const;
    void sweep();
    void finish(bool all_gone);

    event::Loop& loop_;
    Output& output_;
    std::function<void(const Result&)> on_end_;
    std::optional<base::Child> child_;
    pid_t spared_ = 0;
    Result result_;
    bool exited_ = false;
    bool killed_ = false;  ///< by us: what is still dying then is no leak
    std::function<bool()> hear_;
    bool has_output_ = false;
    bool settling_ = false;  ///< tiers wait for the marks in the pipes
    std::optional<Pump> out_;
    std::optional<Pump> err_;
    event::Source exit_;
    event::Source child_died_;
    event::Source retry_;
    std::chrono::steady_clock::time_point give_up_;
};

}  // namespace ccci::harness
