#include "launch/step.hpp"

#include <fmt/format.h>
#include <signal.h>
#include <unistd.h>

#include <nlohmann/json.hpp>
#include <utility>

#include "base/duration.hpp"
#include "base/fail_point.hpp"
#include "base/files.hpp"
#include "base/process.hpp"
#include "base/text.hpp"
#include "harness/end_entry.hpp"
#include "launch/stop_run.hpp"
#include "run/verdict.hpp"

namespace ccci::launch {

namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;
using std::chrono::system_clock;

/// Whoever stops a runner's service sends TERM to the shell and to us, the shell's death is
/// another, and systemd's final TERM a third: together they are one cancel.
constexpr auto k_one_cancel = 1s;

std::string signal_name(int signal) {
    return fmt::format("SIG{}", ::sigabbrev_np(signal));
}

std::string describe_queue(int waiters) {
    if (waiters == 0) {
        return "nobody before us";
    }
    return waiters == 1 ? "one waits before us" : fmt::format("{} wait before us", waiters);
}

run::Verdict not_acquired(std::string reason) {
    return {run::VerdictKind::refused, run::exit_code::not_acquired, std::move(reason)};
}

void add_variables(run::Program& program, const run::Request& request,
                   const std::filesystem::path& note) {
    if (request.lease) {
        base::set_variable(program.environment, "CCCI_LOCK_REVISION",
                           std::to_string(request.lease->revision));
        base::set_variable(program.environment, "CCCI_LOCK_LEASE",
                           std::to_string(request.lease->id));
    }
    base::set_variable(program.environment, "CCCI_RUN", request.run);
    base::set_variable(program.environment, "CCCI_RUN_DIR", request.run_dir.native());
    base::set_variable(program.environment, "CCCI_NOTE_FILE", note.native());
    if (!request.domain.empty()) {
        base::set_variable(program.environment, "CCCI_DOMAIN", request.domain);
    }
}

}  // namespace

Step::Step(event::Loop& loop, Parent parent, Order order, std::unique_ptr<Carrier> carrier)
    : loop_{loop},
      parent_{parent},
      order_{std::move(order)},
      carrier_{std::move(carrier)},
      began_{steady_clock::now()},
      log_{loop, order_.request.merged_output, [this] { leave_when_shown(); }} {
    term_ = loop.on_signal(SIGTERM, [this](const signalfd_siginfo&) { on_signal(SIGTERM); });
    interrupt_ = loop.on_signal(SIGINT, [this](const signalfd_siginfo&) { on_signal(SIGINT); });
    hangup_ = loop.on_signal(SIGHUP, [this](const signalfd_siginfo&) { on_signal(SIGHUP); });
}

run::Record Step::run() {
    dir_ = run::RunDir::create(order_.runs_dir, order_.wanted_id);
    try {
        base::fail_point("step.run-dir-made");
        create_record();
        heartbeat_.emplace(loop_, order_.heartbeat, log_, [this] { return describe_silence(); });
        watch_build();
        acquire();
        loop_.run();
    } catch (const std::exception& error) {
        // The record must not say for ever that this run is about to start.
        if (claim_) {
            claim_->withdraw();
        }
        if (phase_ == Phase::queueing) {
            record_.state = run::State::ended;
            record_.ended = system_clock::now();
            record_.verdict = run::Verdict{run::VerdictKind::refused, run::exit_code::internal,
                                           base::printable(error.what(), 300)};
            (void)dir_->try_write(record_);
            log_end();
            dir_->remove_request();
        }
        throw;
    }
    return record_;
}

std::string Step::describe_silence() const {
    const auto now = system_clock::now();
    if (phase_ == Phase::queueing) {
        return fmt::format("still waiting for {}: {}", order_.domain, describe_holder());
    }
    return describe_progress(dir_->read().value_or(record_),
                             std::chrono::duration_cast<std::chrono::microseconds>(
                                 steady_clock::now() - log_.last_word()),
                             now);
}

void Step::watch_build() {
    if (!order_.build_watch) {
        if (!order_.no_build_watch.empty()) {
            log_.say(order_.no_build_watch);
        }
        return;
    }
    build_watch_.emplace(
        loop_, *order_.build_watch, [this](const std::string& line) { cancel_once(line); },
        [this](const std::string& line) {
            log_.say(fmt::format("{}; a cancel that Drone loses ends this run only at its deadline",
                                 line));
        });
}

void Step::create_record() {
    order_.request.run = dir_->id();
    order_.request.run_dir = dir_->path();
    record_.run = dir_->id();
    record_.domain = order_.domain;
    record_.unit = carrier_->unit_name(record_.run);
    record_.manager = carrier_->manager();
    record_.user = order_.user;
    record_.job = order_.label;
    record_.state = run::State::waiting;
    record_.step = run::ProcessId::own();
    record_.created = system_clock::now();
    record_.deadline = order_.request.deadline;
    record_.teardown_budget = order_.request.teardown_budget;
    if (!order_.domain.empty()) {
        dir_->write(record_);  // whoever supersedes the runs of this domain must find it
    }
    log_.say(fmt::format("run {}, {}deadline {}, {}", record_.run,
                         record_.domain.empty() ? "" : fmt::format("domain {}, ", record_.domain),
                         base::format_duration(record_.deadline),
                         record_.unit.empty() ? "no systemd, guarded by this process"
                                              : fmt::format("unit {}", record_.unit)));
}

void Step::acquire() {
    if (order_.domain.empty()) {
        start(std::nullopt);
        return;
    }
    auto result = locks::DomainLock::try_acquire(order_.lock_dir, order_.domain);
    if (auto* lock = std::get_if<locks::DomainLock>(&result)) {
        claim(std::move(*lock));
        return;
    }
    auto& busy = std::get<locks::Busy>(result);
    if (order_.wait_timeout && *order_.wait_timeout == 0us) {
        refuse(not_acquired(fmt::format("{} is taken: {}", order_.domain,
                                        describe(busy.holder, system_clock::now()))));
        return;
    }
    wait_in_queue(std::move(busy));
}

void Step::wait_in_queue(locks::Busy busy) {
    say_who_holds(busy);
    if (order_.supersede) {
        supersede(busy);
    }
    waiting_.emplace(std::move(busy));
    queue_ = loop_.on_io(waiting_->pidfd(), EPOLLIN, [this](std::uint32_t) { on_queue_moved(); });
    limit_the_wait();
}

void Step::limit_the_wait() {
    if (order_.wait_timeout && *order_.wait_timeout > 0us && !wait_limit_) {
        wait_limit_ = loop_.after(*order_.wait_timeout, [this] {
            refuse(not_acquired(fmt::format("gave up after {} of waiting for {}: {}",
                                            base::format_duration(*order_.wait_timeout),
                                            order_.domain, describe_holder())));
        });
    }
}

std::string Step::describe_holder() const {
    const auto now = system_clock::now();
    if (waiting_) {
        return describe(waiting_->busy().holder, now);
    }
    if (claim_ && claim_->place().holder) {
        return lease::describe(*claim_->place().holder, now);
    }
    return "the lock of all hosts is asked for";
}

void Step::say_who_holds(const locks::Busy& busy) {
    record_.phase = fmt::format("for {}", busy.holder ? busy.holder->run : "somebody");
    dir_->write(record_);
    log_.say(fmt::format("waiting for {}: {}; {}", order_.domain,
                         describe(busy.holder, system_clock::now()),
                         describe_queue(locks::count_waiters(busy.fd.get()))));
}

void Step::supersede(const locks::Busy& busy) {
    // Whoever came to this domain before us would run an older state of the same app. Who of them
    // has the lock may change at any moment, and what the file says of it comes a moment later.
    for (const run::RunDir& other : run::RunDir::all(order_.runs_dir)) {
        const auto record = other.read();
        if (!record || record->domain != order_.domain || record->run == record_.run ||
            record->state == run::State::ended) {
            continue;
        }
        const bool holds = busy.holder && busy.holder->run == record->run;
        if (!holds && !came_before(*record, record_)) {
            continue;
        }
        const auto result = stop_run(
            other, *record,
            {run::StopCause::superseded, fmt::format("superseded by run {}", record_.run)});
        if (result == StopResult::asked) {
            log_.say(fmt::format("superseding run {}", record->run));
        }
    }
}

void Step::on_queue_moved() {
    queue_.reset();
    std::optional<locks::DomainLock> lock = waiting_->finish();
    if (!lock) {
        say_who_holds(waiting_->busy());
        queue_ =
            loop_.on_io(waiting_->pidfd(), EPOLLIN, [this](std::uint32_t) { on_queue_moved(); });
        return;
    }
    waiting_.reset();
    const auto waited =
        std::chrono::duration_cast<std::chrono::microseconds>(steady_clock::now() - began_);
    log_.say(fmt::format("lock acquired after {}", base::format_duration(waited)));
    claim(std::move(*lock));
}

void Step::claim(locks::DomainLock lock) {
    if (!order_.cluster_lock) {
        start(std::move(lock));
        return;
    }
    limit_the_wait();
    write_holder(lock);
    lock_ = std::move(lock);
    std::vector<std::string> arguments{"--domain=" + order_.domain, "--run=" + record_.run,
                                       "--user=" + record_.user};
    if (!record_.unit.empty()) {
        arguments.push_back("--unit=" + record_.unit);
    }
    if (order_.wait_timeout == 0us) {
        arguments.emplace_back("--no-wait");
    }
    if (order_.supersede) {
        arguments.emplace_back("--supersede");
    }
    if (has_own_teardown()) {
        arguments.emplace_back("--own-teardown");
    }
    claim_.emplace(loop_, *order_.cluster_lock, arguments, order_.domain,
                   ClusterClaim::Calls{
                       .on_queued = [this](const lease::Queued& place) { on_cluster_queue(place); },
                       .on_held =
                           [this](run::Lease lease, bool had_predecessor) {
                               if (phase_ != Phase::queueing) {
                                   return;  // given up meanwhile
                               }
                               order_.request.lease = std::move(lease);
                               order_.request.clean_slate = had_predecessor;
                               start(std::exchange(lock_, std::nullopt));
                           },
                       .on_refused =
                           [this](const lease::Refused& refusal) {
                               if (phase_ == Phase::queueing) {
                                   refuse(refusal.taken ? not_acquired(refusal.reason)
                                                        : run::Verdict{run::VerdictKind::refused,
                                                                       run::exit_code::internal,
                                                                       refusal.reason});
                               }
                           },
                       .on_superseded =
                           [this](const lease::Claimant& by) {
                               if (phase_ == Phase::queueing) {
                                   refuse({run::VerdictKind::superseded, run::exit_code::cancelled,
                                           fmt::format("superseded by {}", lease::name(by))});
                               }
                           },
                       .tell = [this](const std::string& line) { log_.say(line); }});
}

void Step::on_cluster_queue(const lease::Queued& place) {
    if (phase_ != Phase::queueing) {
        return;
    }
    record_.phase = fmt::format("for {}", place.holder ? lease::name(*place.holder) : "somebody");
    dir_->write(record_);
    // The holder waits no more.
    log_.say(fmt::format("waiting for {}: {}; {}", order_.domain, describe_holder(),
                         describe_queue(static_cast<int>(place.before) - 1)));
}

void Step::give_lock_back() {
    if (claim_) {
        claim_->withdraw();
    }
    if (!lock_) {
        return;
    }
    if (lock_->had_predecessor()) {
        std::move(*lock_).leave();
    } else {
        std::move(*lock_).release();
    }
    lock_.reset();
}

void Step::log_end() const {
    // Without systemd the host's journal, if it has one, is not asked for runs.
    if (record_.manager != "none") {
        harness::log_end(record_);
    }
}

void Step::refuse(run::Verdict verdict) {
    queue_.reset();
    wait_limit_.reset();
    waiting_.reset();
    give_lock_back();
    record_.state = run::State::ended;
    record_.phase = "";
    record_.ended = system_clock::now();
    record_.verdict = std::move(verdict);
    dir_->write(record_);
    log_end();
    phase_ = Phase::over;
    loop_.stop();
}

void Step::complete_request(const std::optional<locks::DomainLock>& lock) {
    run::Request& request = order_.request;
    request.domain = order_.domain;
    request.detached = order_.detach;
    request.in_unit = carrier_->has_unit();
    request.own_deadline = !carrier_->has_unit();
    if (lock) {
        request.lock_file = lock->path();
        const bool had_predecessor = lock->had_predecessor() || request.clean_slate;
        request.clean_slate = order_.always_clean_slate || had_predecessor;
        if (had_predecessor) {
            log_.say("the last run of this domain did not finish: making a clean slate first");
        }
    }
    add_variables(request.job, request, dir_->note());
    base::set_variable(request.job.environment, "CCCI_PHASE_FILE", dir_->phase_file().native());
    base::write_file_atomically(dir_->phase_file(), "", 0644);
    if (request.job.directory.empty()) {
        request.job.directory = dir_->path();
    }
    if (request.teardown) {
        add_variables(*request.teardown, request, dir_->teardown_note());
    }
}

void Step::write_holder(const locks::DomainLock& lock) const {
    lock.write_holder({.run = record_.run,
                       .unit = record_.unit,
                       .invocation = "",
                       .user = record_.user,
                       .since = system_clock::now(),
                       .until = std::nullopt,
                       .own_teardown = has_own_teardown()});
}

bool Step::has_own_teardown() const {
    return order_.request.teardown && !order_.always_clean_slate;
}

void Step::start(std::optional<locks::DomainLock> lock) {
    wait_limit_.reset();
    complete_request(lock);
    if (order_.request.inherit_stdio) {
        heartbeat_.reset();  // what the job prints does not come by here
    }
    record_.state = run::State::starting;
    record_.phase = "";
    dir_->write(record_);
    dir_->write(order_.request);
    base::fail_point("step.request-written");
    if (lock) {
        write_holder(*lock);
    }
    auto [ours, theirs] = link::make_link();
    channel_.emplace(
        loop_, std::move(ours),
        [this](link::Kind kind, std::string_view payload) { on_packet(kind, payload); },
        [this] { on_link_closed(); });
    base::fail_point("step.link-made");
    if (claim_) {
        claim_->carry();
    }
    const std::string description =
        fmt::format("cc-ci run {}{}", record_.run,
                    record_.domain.empty() ? "" : fmt::format(" of {}", record_.domain));
    carrier_->start({.unit = record_.unit,
                     .description = description,
                     .request = order_.request,
                     .dir = *dir_,
                     .limits = order_.limits},
                    std::move(theirs), std::move(lock));
    phase_ = Phase::carried;
    base::fail_point("step.unit-started");
    channel_->send_request(run::encode(order_.request));
    base::fail_point("step.request-sent");
}

void Step::on_signal(int signal) {
    const std::string reason = parent_.is_gone()
                                   ? std::string{"cancelled: the step's shell is gone"}
                                   : fmt::format("cancelled by {}", signal_name(signal));
    cancel_once(reason);
}

void Step::cancel_once(const std::string& reason) {
    if (phase_ == Phase::queueing) {
        const auto order = dir_->read_stop_order();
        const bool superseded = order && order->cause == run::StopCause::superseded;
        refuse({superseded ? run::VerdictKind::superseded : run::VerdictKind::cancelled,
                run::exit_code::cancelled, order ? order->reason : reason});
        return;
    }
    const auto now = steady_clock::now();
    if (!cancelled_at_) {
        cancelled_at_ = now;
        cancel(reason);
        return;
    }
    if (now - *cancelled_at_ < k_one_cancel) {
        return;
    }
    log_.say("second signal: letting go, the run finishes by itself");
    let_go_ = true;
    phase_ = Phase::over;
    loop_.stop();
}

void Step::cancel(const std::string& reason) {
    if (phase_ != Phase::carried) {
        return;
    }
    channel_->send(link::Kind::cancel, reason);
    base::fail_point("step.cancel-sent");
    carrier_->stop();
    base::fail_point("step.stop-asked");
}

void Step::on_packet(link::Kind kind, std::string_view payload) {
    switch (kind) {
        case link::Kind::hello:
            base::fail_point("step.heard-hello");
            heard_hello_ = true;
            if (claim_) {
                claim_->let_go();
            }
            if (order_.on_started) {
                order_.on_started();
            }
            if (order_.detach) {
                phase_ = Phase::over;
                loop_.stop();
            }
            break;
        case link::Kind::out:
            log_.out(payload);
            break;
        case link::Kind::err:
            log_.err(payload);
            break;
        case link::Kind::line:
            log_.say(payload);
            break;
        case link::Kind::verdict:
            base::fail_point("step.heard-verdict");
            record_ = nlohmann::json::parse(payload).get<run::Record>();
            told_ = record_.verdict.has_value();
            break;
        case link::Kind::finished:
            on_finished();
            break;
        default:
            break;  // nothing else travels this way
    }
    if (log_.is_full()) {
        channel_->pause_reading(true);
    }
}

void Step::on_finished() {
    // What follows in the unit is the harness's exit and an ExecStopPost that finds nothing; the
    // domain has been given back. A process that we started ourselves is waited for.
    if (told_ && carrier_->has_unit()) {
        phase_ = Phase::over;
        finished_ = true;
        leave_when_shown();
    }
}

void Step::on_link_closed() {
    phase_ = Phase::over;
    if (finished_) {
        leave_when_shown();
        return;
    }
    carrier_->finish(
        *dir_, told_, cancelled_at_.has_value(),
        [this](link::Kind kind, std::string_view payload) { on_packet(kind, payload); });
    if (claim_ && !heard_hello_) {
        claim_->withdraw();
    }
    if (!told_) {
        record_ = dir_->read().value_or(record_);
        if (!record_.verdict) {
            record_.verdict = run::Verdict{run::VerdictKind::refused, run::exit_code::internal,
                                           "the run ended without a verdict"};
        }
    }
    leave_when_shown();
}

void Step::leave_when_shown() {
    if (channel_ && channel_->is_open() && !finished_) {
        channel_->pause_reading(log_.is_full());
        return;
    }
    if (phase_ != Phase::over) {
        return;
    }
    heartbeat_.reset();
    if (log_.is_shown()) {
        loop_.stop();
        return;
    }
    // The last bytes go out one by one as the reader takes them; look before each wait.
    goodbye_ = loop_.on_time(steady_clock::time_point::max(), [] {});
    goodbye_.before_waiting([this] {
        if (log_.is_shown()) {
            loop_.stop();
        }
    });
}

}  // namespace ccci::launch
