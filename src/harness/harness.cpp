#include "harness/harness.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/descendants.hpp"
#include "base/duration.hpp"
#include "base/fail_point.hpp"
#include "base/files.hpp"
#include "base/text.hpp"
#include "harness/end_entry.hpp"
#include "harness/notes.hpp"
#include "systemd/journal.hpp"

namespace ccci::harness {

namespace {

using namespace std::chrono_literals;
using std::chrono::microseconds;
using std::chrono::steady_clock;
using systemd::Event;

/// Of the budget, the part that is ours: systemd's SIGKILL comes at its end, and a harness that was
/// killed cannot tell what was left.
constexpr int k_own_part = 95;

/// The kernel takes a few megabytes of arguments and variables at most (execve(2)).
constexpr std::size_t k_largest_request = std::size_t{64} << 20;

/// Without progress for this long the reader of the output is taken for dead.
constexpr auto k_reader_patience = 10s;

microseconds own_part(microseconds budget) {
    return budget * k_own_part / 100;
}

/// How long this process exists. Start times in /proc are rounded down to clock ticks, so this is
/// never less than the truth, and systemd counts RuntimeMaxSec from a later moment still.
microseconds own_age() {
    timespec now{};
    (void)::clock_gettime(CLOCK_BOOTTIME, &now);
    const auto facts = base::process_facts(::getpid());
    const auto since_boot =
        std::chrono::seconds{now.tv_sec} + std::chrono::nanoseconds{now.tv_nsec};
    const auto ticks = microseconds{1s} / ::sysconf(_SC_CLK_TCK);
    const auto start = ticks * static_cast<std::int64_t>(facts ? facts->start_ticks : 0);
    return std::chrono::duration_cast<microseconds>(since_boot) - start;
}

/// What the runtime or a library has to say of us belongs into the journal, too.
void send_stderr_to_journal(const std::string& unit) {
    if (const auto stream = systemd::open_journal_stream("cc-ci", unit)) {
        (void)::dup2(stream->get(), STDERR_FILENO);
    }
}

base::UniqueFd open_output_log(const run::RunDir& dir) {
    return base::open_file(dir.output_log(), O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW, 0600);
}

}  // namespace

Harness::Harness(event::Loop& loop, base::UniqueFd link, base::UniqueFd lock)
    : loop_{loop},
      channel_{loop, std::move(link),
               [this](link::Kind kind, std::string_view payload) { on_packet(kind, payload); },
               [this] { on_link_closed(); },
               [this] {
                   if (task_) {
                       task_->resume_output();
                   }
               }},
      lock_fd_{std::move(lock)} {
    base::become_subreaper();
    term_ = loop.on_signal(SIGTERM, [this](const signalfd_siginfo&) { on_signal(SIGTERM); });
    interrupt_ = loop.on_signal(SIGINT, [this](const signalfd_siginfo&) { on_signal(SIGINT); });
    hangup_ = loop.on_signal(SIGHUP, [this](const signalfd_siginfo&) { on_signal(SIGHUP); });
}

int Harness::run() {
    loop_.run();
    return exit_code_;
}

void Harness::on_packet(link::Kind kind, std::string_view payload) {
    switch (kind) {
        case link::Kind::request_part:
        case link::Kind::request_end:
            on_request_part(kind, payload);
            break;
        case link::Kind::cancel:
            cancelled_by_link_ = true;
            stop(stop_of_link(payload));
            break;
        default:
            break;  // nothing else travels this way
    }
}

void Harness::on_request_part(link::Kind kind, std::string_view payload) {
    if (phase_ != Phase::waiting_for_request) {
        return;  // there is one request
    }
    if (request_bytes_.size() + payload.size() > k_largest_request) {
        throw std::runtime_error{"the request on the link has no end"};
    }
    request_bytes_ += payload;
    if (kind == link::Kind::request_end) {
        begin(run::decode_request(std::exchange(request_bytes_, {})));
    }
}

void Harness::on_link_closed() {
    if (output_ != nullptr) {
        output_->connect(nullptr);
    }
    if (task_) {
        task_->resume_output();
    }
    if (phase_ == Phase::waiting_for_request) {
        // The step died before it could ask for anything: there is nothing to undo.
        exit_code_ = run::exit_code::cancelled;
        loop_.stop();
    } else if (!request_.detached && phase_ < Phase::teardown) {
        stop({run::StopCause::cancelled, "cancelled: the step is gone"});
    }
}

void Harness::on_signal(int) {
    if (phase_ == Phase::waiting_for_request) {
        exit_code_ = run::exit_code::cancelled;
        loop_.stop();
        return;
    }
    // From here on a TERM has armed systemd's own timer, and our budget ends before its SIGKILL.
    if (!stopped_at_) {
        stopped_at_ = steady_clock::now();
    }
    // The step says on the link why it cancels, and then stops the unit: that is one cancel.
    if (std::exchange(cancelled_by_link_, false)) {
        return;
    }
    stop(stop_of_signal());
}

run::Stop Harness::stop_of_link(std::string_view reason) const {
    // Who left an order says there why, and that may be no plain cancel.
    if (const auto order = dir_ ? dir_->read_stop_order() : std::nullopt) {
        return {order->cause, order->reason};
    }
    return {run::StopCause::cancelled, base::printable(reason)};
}

bool Harness::is_deadline_over() const {
    return own_age() >= request_.deadline;
}

run::Stop Harness::stop_of_signal() const {
    if (request_.in_unit && keeper_->was_out_of_memory()) {
        return {run::StopCause::out_of_memory, "the run was out of memory"};
    }
    if (const auto order = dir_->read_stop_order()) {
        return {order->cause, order->reason};
    }
    if (is_deadline_over()) {
        return {run::StopCause::deadline,
                fmt::format("stopped after {}", base::format_duration(request_.deadline))};
    }
    return {run::StopCause::cancelled, "cancelled: the unit was stopped"};
}

void Harness::begin(run::Request request) {
    base::fail_point("harness.heard-request");
    request_ = std::move(request);
    dir_ = run::RunDir::open(request_.run_dir);
    record_ = dir_->read().value_or(run::Record{});
    open_output();
    keeper_.emplace(record_, *dir_, *output_, request_.in_unit);
    if (channel_.is_open()) {
        output_->connect(&channel_);
    }
    if (lock_fd_) {
        lock_ = locks::DomainLock::adopt(std::move(lock_fd_), request_.lock_file);
    }
    task_.emplace(loop_, *output_);
    if (request_.own_deadline) {
        deadline_ = loop_.after(request_.deadline, [this] {
            stop({run::StopCause::deadline,
                  fmt::format("stopped after {}", base::format_duration(request_.deadline))});
        });
    }
    if (request_.lease) {
        guard_lease(*request_.lease);
    } else {
        begin_work();
    }
}

void Harness::guard_lease(const run::Lease& lease) {
    phase_ = Phase::confirming_lease;
    guard_.emplace(
        loop_, lease,
        LeaseGuard::Calls{
            .on_ready = [this] { begin_work(); },
            .on_fence =
                [this](const std::string& reason) {
                    stop({run::StopCause::fenced, reason});
                },
            .on_over = [this](const std::string& reason) { touch_nothing(reason); },
            .on_superseded =
                [this](const lease::Claimant& by) {
                    stop({run::StopCause::superseded,
                          fmt::format("superseded by {}", lease::name(by))});
                },
            .tell = [this](const std::string& line) { output_->say(Event::lease_trouble, line); },
            .on_keeper = [this](pid_t keeper) { task_->spare(keeper); }});
}

void Harness::begin_work() {
    if (phase_ >= Phase::teardown) {
        return;  // too late
    }
    announce();
    if (!channel_.is_open() && !request_.detached && !facts_.stop) {
        on_link_closed();
    }
    if (request_.clean_slate && request_.teardown && !facts_.stop) {
        begin_clean_slate();
    } else {
        begin_job();
    }
}

void Harness::touch_nothing(const std::string& reason) {
    if (phase_ == Phase::saying_goodbye) {
        return;
    }
    output_->say(Event::lease_over, fmt::format("touching nothing any more: {}", reason));
    if (!facts_.stop && phase_ < Phase::teardown) {
        facts_.stop = run::Stop{run::StopCause::fenced, reason};
    }
    if (phase_ == Phase::confirming_lease) {
        record_.clean = false;
        end_teardown(false);
        return;
    }
    task_->kill();  // and what follows its end finds that the lease is over
}

void Harness::open_output() {
    const auto on_room = [this] {
        if (task_) {
            task_->resume_output();
        }
    };
    if (request_.in_unit) {
        send_stderr_to_journal(record_.unit);
        output_store_.emplace(loop_, run_fields(record_), on_room);
    } else {
        output_store_.emplace(loop_, open_output_log(*dir_), on_room);
    }
    output_ = &*output_store_;
}

void Harness::announce() {
    record_.state = run::State::running;
    record_.phase = "";
    record_.harness = run::ProcessId::own();
    record_.started = std::chrono::system_clock::now();
    if (const char* invocation = std::getenv("INVOCATION_ID");
        invocation != nullptr && request_.in_unit) {
        record_.invocation = base::printable(invocation, 32);
    }
    dir_->write(record_);
    if (lock_) {
        lock_->write_holder({.run = record_.run,
                             .unit = record_.unit,
                             .invocation = record_.invocation,
                             .user = record_.user,
                             .since = *record_.started,
                             .until = run::latest_end(record_)});
    }
    base::fail_point("harness.announced");
    output_->note(Event::started, start_message(record_));
    channel_.send(link::Kind::hello, record_.invocation);
}

void Harness::begin_clean_slate() {
    phase_ = Phase::clean_slate;
    keeper_->begin_phase("clean slate");
    tear_down([this](bool clean) {
        facts_.slate_clean = clean;
        base::fail_point("harness.slate-clean");
        if (facts_.stop || !clean) {
            begin_teardown();
        } else {
            begin_job();
        }
    });
}

void Harness::begin_job() {
    phase_ = Phase::job;
    if (facts_.stop) {
        begin_teardown();
        return;
    }
    record_.job_started = std::chrono::system_clock::now();
    keeper_->begin_phase("job");
    keeper_->listen_to_job(loop_, [this] { task_->listen(); });
    auto failure = task_->start(
        request_.job, request_.merged_output, request_.inherit_stdio,
        [this](const Task::Result& result) { end_job(result); },
        [this] { return keeper_->hear(task_->has_output()); });
    base::fail_point("harness.job-started");
    if (failure) {
        output_->say(Event::job_not_executed, failure->reason);
        facts_.not_executed = std::move(failure);
        keeper_->stop_listening();
        begin_teardown();
    }
}

void Harness::stop(run::Stop stop) {
    if (phase_ == Phase::waiting_for_request) {
        facts_.stop = std::move(stop);
        return;
    }
    const bool job_never_ran = phase_ == Phase::teardown && !facts_.job;
    if (facts_.stop || (phase_ >= Phase::teardown && !job_never_ran)) {
        output_->say(Event::stop_ignored,
                     fmt::format("ignored, the run is being torn down: {}", stop.reason));
        return;
    }
    output_->say(Event::stop, stop.reason);
    facts_.stop = std::move(stop);
    if (!stopped_at_) {
        stopped_at_ = steady_clock::now();
    }
    if (phase_ == Phase::job) {
        task_->terminate();
        grace_ = loop_.after(request_.stop_grace, [this] { task_->kill(); });
    }
}

void Harness::end_job(const Task::Result& result) {
    grace_.reset();
    deadline_.reset();
    facts_.job = result.status;
    base::fail_point("harness.job-ended");
    report_leaks(result);
    facts_.out_of_memory = request_.in_unit && keeper_->was_out_of_memory();
    keeper_->stop_listening();
    record_.note = read_note(dir_->note());
    begin_teardown();
}

void Harness::report_leaks(const Task::Result& result) {
    for (const std::string& process : result.leaked) {
        output_->say(Event::leaked, fmt::format("leaked process, killed: {}", process));
    }
    if (result.leaked_more > 0) {
        output_->say(Event::leaked,
                     fmt::format("leaked processes, killed: {} more", result.leaked_more));
    }
    if (!result.all_gone) {
        all_gone_ = false;
        output_->say(Event::unkillable,
                     "some processes could not be killed; systemd has the last word");
    }
    note_leaks(record_, result.leaked, result.leaked_more);
}

void Harness::begin_teardown() {
    phase_ = Phase::teardown;
    record_.state = run::State::tearing_down;
    record_.job_ended = std::chrono::system_clock::now();
    if (!request_.teardown) {
        end_teardown(true);
        return;
    }
    keeper_->begin_phase("teardown");
    tear_down([this](bool clean) {
        record_.clean = clean;
        record_.teardown_note = read_note(dir_->teardown_note());
        end_teardown(clean);
    });
}

void Harness::tear_down(std::function<void(bool)> then) {
    if (guard_ && guard_->is_over()) {
        then(false);
        return;
    }
    auto until = steady_clock::now() + own_part(request_.teardown_budget);
    if (stopped_at_) {
        until = std::min(until, *stopped_at_ + own_part(request_.teardown_budget));
    }
    budget_ = loop_.on_time(until, [this] {
        output_->say(Event::teardown_timeout, "the teardown took longer than its budget, killed");
        task_->kill();
    });
    const run::Program program = teardown_program(request_, *dir_);
    auto failure = task_->start(program, true, false, [this, then](const Task::Result& result) {
        budget_.reset();
        report_leaks(result);
        if (!result.status.success()) {
            output_->say(Event::teardown_failed,
                         fmt::format("the teardown ended with {}", describe(result.status)));
        }
        then(result.status.success());
    });
    if (failure) {
        budget_.reset();
        output_->say(Event::teardown_failed, fmt::format("teardown: {}", failure->reason));
        then(false);
    }
}

void Harness::end_teardown(bool clean) {
    facts_.teardown_clean = clean;
    base::fail_point("harness.torn-down");
    finish();
}

void Harness::finish() {
    phase_ = Phase::saying_goodbye;
    const run::Verdict verdict = run::decide(facts_);
    const bool clean = facts_.teardown_clean;
    keeper_->end_phases();
    record_.state = run::State::ended;
    record_.verdict = verdict;
    record_.ended = std::chrono::system_clock::now();
    if (clean && record_.journal_lines) {
        ++*record_.journal_lines;  // the entry about the end
    }
    keeper_->keep();
    if (clean) {
        // In this order: ExecStopPost tears down for whoever left a request, and must not once the
        // domain may be the next run's. Only a lock file that is left says that we did not finish.
        base::fail_point("harness.recorded");
        output_->note(Event::ended, end_message(record_), end_fields(record_));
        dir_->remove_request();
        base::fail_point("harness.request-removed");
        if (guard_ && all_gone_) {
            guard_->release();
        }
        if (lock_ && all_gone_) {
            std::move(*lock_).release();
            lock_.reset();
        }
    }
    exit_code_ = verdict.exit_code;
    const nlohmann::json json = record_;
    channel_.send(link::Kind::verdict,
                  json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
    // The step leaves at that word; whoever then looks into the journal finds everything there.
    if (clean && all_gone_ && !facts_.stop && output_->is_logged()) {
        channel_.send(link::Kind::finished, "");
    }
    base::fail_point("harness.told");
    leave_when_told();
}

void Harness::leave_when_told() {
    // A slow reader gets what is left as long as it reads at all.
    goodbye_pending_ = output_->pending();
    goodbye_ = loop_.after(k_reader_patience, [this] {
        if (output_->pending() < goodbye_pending_) {
            leave_when_told();
        } else {
            loop_.stop();
        }
    });
    goodbye_.before_waiting([this] {
        const bool gives_back = guard_ && all_gone_ && facts_.teardown_clean;
        if (output_->is_finished() && (!gives_back || guard_->has_let_go())) {
            loop_.stop();
        }
    });
}

}  // namespace ccci::harness
