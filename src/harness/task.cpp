#include "harness/task.hpp"

#include <sched.h>
#include <signal.h>
#include <unistd.h>

#include "base/descendants.hpp"
#include "base/files.hpp"
#include "run/record.hpp"

namespace ccci::harness {

namespace {

using namespace std::chrono_literals;

/// A killed process may be stuck in the kernel; systemd and its cgroup kill come after us.
constexpr auto k_patience = 5s;
/// The death of a grandchild is no event for us until it has become our child.
constexpr auto k_look_again = 20ms;

/// One that is in the middle of an exec has none for a moment.
std::string command_line_of(pid_t pid) {
    constexpr int k_looks = 50;
    std::string command = base::command_line(pid);
    for (int look = 0; look < k_looks && command.starts_with('['); ++look) {
        (void)::sched_yield();
        command = base::command_line(pid);
    }
    return command;
}

/// Whether it is alive, and goes on to be.
bool lives_on(const base::ProcessFacts& process) {
    if (process.ending) {
        return false;
    }
    // One that was killed is not yet marked as exiting when it has just seen that: look twice.
    const auto now = base::process_facts(process.pid);
    return now && !now->ending && now->start_ticks == process.start_ticks;
}

}  // namespace

Task::Task(event::Loop& loop, Output& output) : loop_{loop}, output_{output} {
    child_died_ = loop_.on_signal(SIGCHLD, [this](const signalfd_siginfo&) {
        if (child_ && !exited_) {
            (void)base::reap_children({child_->pid(), spared_});
        } else if (child_) {
            sweep();
        }
    });
}

std::optional<base::CannotExecute> Task::start(const run::Program& program, bool merged_output,
                                               bool inherit_stdio,
                                               std::function<void(const Result&)> on_end,
                                               std::function<bool()> hear) {
    base::Command command{.argv = program.argv,
                          .environment = program.environment,
                          .directory = program.directory,
                          .new_process_group = !inherit_stdio,
                          .death_signal = SIGKILL};
    base::UniqueFd out_write;
    base::UniqueFd err_write;
    if (inherit_stdio) {
        command.in = STDIN_FILENO;
    } else {
        auto [out_read, write] = base::make_pipe();
        out_write = std::move(write);
        make_pump(out_, std::move(out_read), link::Kind::out);
        if (!merged_output) {
            auto [err_read, second] = base::make_pipe();
            err_write = std::move(second);
            make_pump(err_, std::move(err_read), link::Kind::err);
        }
        command.out = out_write.get();
        command.err = merged_output ? out_write.get() : err_write.get();
    }
    auto started = base::spawn(command);
    if (auto* failure = std::get_if<base::CannotExecute>(&started)) {
        out_.reset();
        err_.reset();
        return std::move(*failure);
    }
    result_ = {};
    exited_ = false;
    killed_ = false;
    on_end_ = std::move(on_end);
    hear_ = std::move(hear);
    has_output_ = false;
    child_.emplace(std::move(std::get<base::Child>(started)));
    exit_ = loop_.on_io(child_->pidfd(), EPOLLIN, [this](std::uint32_t) { on_exit(); });
    return std::nullopt;
}

void Task::make_pump(std::optional<Pump>& pump, base::UniqueFd pipe, link::Kind kind) {
    pump.emplace(
        loop_, std::move(pipe), kind, output_, [this] { before_output(); },
        [this] { after_output(); });
}

void Task::before_output() {
    if (!hear_ || !hear_()) {
        return;
    }
    settling_ = true;
    if (out_) {
        out_->mark();
    }
    if (err_) {
        err_->mark();
    }
}

void Task::after_output() {
    has_output_ = true;
    settle();
}

void Task::listen() {
    before_output();
    settle();
}

void Task::settle() {
    if (settling_ && (!out_ || out_->is_past_mark()) && (!err_ || err_->is_past_mark())) {
        settling_ = false;
        output_.settle_tiers();
    }
}

void Task::terminate() const {
    if (child_ && !exited_) {
        child_->kill_group(SIGTERM);
        // A job that shares the step's terminal has no group of its own.
        child_->kill(SIGTERM);
    }
}

void Task::kill() {
    killed_ = true;
    for (const base::ProcessFacts& process : base::descendants_of(::getpid(), spared_)) {
        (void)::kill(process.pid, SIGKILL);
    }
}

void Task::resume_output() {
    if (out_) {
        out_->resume();
    }
    if (err_) {
        err_->resume();
    }
}

void Task::on_exit() {
    exit_.reset();
    result_.status = child_->wait();
    exited_ = true;
    give_up_ = std::chrono::steady_clock::now() + k_patience;
    if (has_others() && !killed_) {
        find_leaks();
    }
    sweep();
}

void Task::find_leaks() {
    for (const base::ProcessFacts& process : base::descendants_of(::getpid(), spared_)) {
        if (!lives_on(process)) {
            continue;
        }
        if (result_.leaked.size() < run::k_most_leaked_named) {
            result_.leaked.push_back(command_line_of(process.pid));
        } else {
            ++result_.leaked_more;
        }
    }
}

bool Task::has_others() const {
    return base::reap_children({spared_}) &&
           (spared_ == 0 || !base::descendants_of(::getpid(), spared_).empty());
}

void Task::sweep() {
    if (!has_others()) {
        finish(true);
        return;
    }
    if (std::chrono::steady_clock::now() > give_up_) {
        finish(false);
        return;
    }
    // What forks between the look and the kill is caught by the next look.
    kill();
    retry_ = loop_.after(k_look_again, [this] { sweep(); });
}

void Task::finish(bool all_gone) {
    retry_.reset();
    child_.reset();
    result_.all_gone = all_gone;
    // Every writer is dead: what is in the pipes now is all there will be.
    before_output();
    if (out_) {
        out_->drain();
        out_.reset();
    }
    if (err_) {
        err_->drain();
        err_.reset();
    }
    output_.end_lines();
    settle();
    hear_ = {};
    const auto on_end = std::move(on_end_);
    on_end(result_);
}

}  // namespace ccci::harness
