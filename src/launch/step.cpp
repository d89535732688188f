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
        if (queue_) {
            queue_->give_up();
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
        return fmt::format("still waiting for {}: {}", order_.domain, queue_->describe_holder());
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
    queue_.emplace(loop_, order_, record_,
                   DomainQueue::Calls{
                       .on_acquired = [this](Acquired domain) { start(std::move(domain)); },
                       .on_refused = [this](run::Verdict verdict) { refuse(std::move(verdict)); },
                       .on_waiting =
                           [this](const std::string& whom) {
                               record_.phase = "for " + whom;
                               dir_->write(record_);
                           },
                       .tell = [this](const std::string& line) { log_.say(line); }});
    queue_->enter();
}

void Step::log_end() const {
    // Without systemd the host's journal, if it has one, is not asked for runs.
    if (record_.manager != "none") {
        harness::log_end(record_);
    }
}

void Step::refuse(run::Verdict verdict) {
    queue_->give_up();
    record_.state = run::State::ended;
    record_.phase = "";
    record_.ended = system_clock::now();
    record_.verdict = std::move(verdict);
    dir_->write(record_);
    log_end();
    phase_ = Phase::over;
    loop_.stop();
}

void Step::complete_request(const std::optional<Acquired>& domain) {
    run::Request& request = order_.request;
    request.domain = order_.domain;
    request.detached = order_.detach;
    request.in_unit = carrier_->has_unit();
    request.own_deadline = !carrier_->has_unit();
    if (domain) {
        request.lock_file = domain->lock.path();
        request.lease = domain->lease;
        request.clean_slate = order_.always_clean_slate || domain->had_predecessor;
        if (domain->had_predecessor) {
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

void Step::start(std::optional<Acquired> domain) {
    complete_request(domain);
    if (order_.request.inherit_stdio) {
        heartbeat_.reset();  // what the job prints does not come by here
    }
    record_.state = run::State::starting;
    record_.phase = "";
    dir_->write(record_);
    dir_->write(order_.request);
    base::fail_point("step.request-written");
    std::optional<locks::DomainLock> lock;
    if (domain) {
        lock = std::move(domain->lock);
        lock->write_holder(holder_of(order_, record_));
    }
    auto [ours, theirs] = link::make_link();
    channel_.emplace(
        loop_, std::move(ours),
        [this](link::Kind kind, std::string_view payload) { on_packet(kind, payload); },
        [this] { on_link_closed(); });
    base::fail_point("step.link-made");
    if (ClusterClaim* const claim = cluster_claim()) {
        claim->carry();
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
            if (ClusterClaim* const claim = cluster_claim()) {
                claim->let_go();
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
    if (ClusterClaim* const claim = cluster_claim(); claim != nullptr && !heard_hello_) {
        claim->withdraw();
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
