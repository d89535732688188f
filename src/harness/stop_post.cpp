#include "harness/stop_post.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <optional>

#include "base/cgroup.hpp"
#include "base/descendants.hpp"
#include "base/duration.hpp"
#include "base/fail_point.hpp"
#include "base/files.hpp"
#include "harness/end_entry.hpp"
#include "harness/journal_log.hpp"
#include "harness/notes.hpp"
#include "harness/phases.hpp"
#include "harness/post_lease.hpp"
#include "link/channel.hpp"
#include "locks/domain_lock.hpp"
#include "run/usage.hpp"
#include "systemd/journal.hpp"
#include "systemd/journal_events.hpp"
#include "systemd/journal_writer.hpp"

namespace ccci::harness {

namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;
using systemd::Event;

/// In milliseconds. A journal that is being restarted must not keep the domain's lock for long.
constexpr int k_journal_patience = 2000;

constexpr const char* k_phase = "teardown, once more";

class Voice {
public:
    Voice(const Tell& tell, const run::Record& record, bool in_unit) : tell_{tell} {
        if (in_unit) {
            journal_.emplace(run_fields(record));
        }
    }

    void say(Event event, const std::string& message) {
        tell_(link::Kind::line, message);
        note(event, message);
    }

    /// For the journal alone.
    void note(Event event, const std::string& message, const std::vector<std::string>& more = {}) {
        if (journal_) {
            std::vector<std::string> fields = systemd::event_fields(event, message);
            fields.insert(fields.end(), more.begin(), more.end());
            journal_->add(fields);
            flush();
        }
    }

    void begin_phase(const std::string& name) {
        if (journal_) {
            journal_->expect_tier(name, systemd::event_fields(Event::phase, "phase " + name));
            journal_->settle_tiers();
            flush();
        }
    }

    void send(link::Kind kind, std::string_view payload) const { tell_(kind, payload); }

    /// What the teardown writes.
    void pass_on(std::string_view bytes) {
        tell_(link::Kind::out, bytes);
        if (journal_) {
            journal_->write(systemd::JournalWriter::Stream::out, bytes);
            flush();
        }
    }

    void end_lines() {
        if (journal_) {
            journal_->end_lines();
            flush();
        }
    }

    /// Waits until the journal has taken all of it in (JournalLog::is_finished).
    void finish() {
        if (!journal_) {
            return;
        }
        flush();
        for (bool unread = true; unread && is_listening_;) {
            unread = journal_->is_unread();
            const auto barrier = systemd::open_journal_barrier();
            is_listening_ = barrier && wait(barrier->get(), POLLIN);
        }
    }

    [[nodiscard]] std::optional<std::uint64_t> entries() const {
        return journal_ ? std::optional{journal_->entries()} : std::nullopt;
    }

private:
    void flush() {
        while (is_listening_ && !journal_->send()) {
            // Without a journal the step still has it.
            is_listening_ = wait(journal_->fd(), POLLOUT);
        }
    }

    static bool wait(int fd, short events) {
        pollfd waiting{.fd = fd, .events = events, .revents = 0};
        return ::poll(&waiting, 1, k_journal_patience) > 0;
    }

    const Tell& tell_;
    std::optional<systemd::JournalWriter> journal_;
    bool is_listening_ = true;
};

enum class Following { ended, budget_over, lease_over };

/// Copies what the teardown writes until it ends, or time is up.
Following follow(const base::Child& child, int pipe, Voice& voice, steady_clock::time_point until,
                 PostLease* lease) {
    std::array<pollfd, 3> waiting{{{.fd = pipe, .events = POLLIN, .revents = 0},
                                   {.fd = child.pidfd(), .events = POLLIN, .revents = 0},
                                   {.fd = -1, .events = POLLIN, .revents = 0}}};
    std::array<char, link::k_max_payload> buffer;
    for (;;) {
        if (lease != nullptr) {
            lease->listen();  // first: a confirmation that is here counts, however late it is read
        }
        const auto now = steady_clock::now();
        const auto latest = lease != nullptr ? std::min(until, lease->until()) : until;
        if (now >= latest) {
            return now >= until ? Following::budget_over : Following::lease_over;
        }
        waiting[2].fd = lease != nullptr ? lease->fd() : -1;
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(latest - now);
        if (::poll(waiting.data(), waiting.size(), static_cast<int>(left.count())) <= 0) {
            continue;
        }
        if ((waiting[0].revents & POLLIN) != 0) {
            const ssize_t n = ::read(pipe, buffer.data(), buffer.size());
            if (n > 0) {
                voice.pass_on({buffer.data(), static_cast<std::size_t>(n)});
            }
        } else if (waiting[1].revents != 0) {
            return Following::ended;
        } else if (waiting[0].revents != 0) {
            waiting[0].fd = -1;  // closed by the teardown before its end
        }
    }
}

void say_lease_over(Voice& voice, const std::string& reason) {
    voice.say(Event::lease_over, fmt::format("touching nothing any more: {}", reason));
}

bool tear_down(const run::Request& request, const run::RunDir& dir, Voice& voice,
               PostLease* lease) {
    const run::Program program = teardown_program(request, dir);
    auto [read_end, write_end] = base::make_pipe();
    auto started = base::spawn({.argv = program.argv,
                                .environment = program.environment,
                                .directory = program.directory,
                                .out = write_end.get(),
                                .err = write_end.get(),
                                .new_process_group = true,
                                .death_signal = SIGKILL});
    write_end.reset();
    if (const auto* failure = std::get_if<base::CannotExecute>(&started)) {
        voice.say(Event::teardown_failed, fmt::format("teardown: {}", failure->reason));
        return false;
    }
    auto& child = std::get<base::Child>(started);
    // systemd's own limit for ExecStopPost is the whole budget.
    const auto until = steady_clock::now() + request.teardown_budget * 95 / 100;
    const Following end = follow(child, read_end.get(), voice, until, lease);
    voice.end_lines();
    if (end != Following::ended) {
        if (end == Following::lease_over) {
            say_lease_over(voice, lease->reason());
        } else {
            voice.say(Event::teardown_timeout, "the teardown took longer than its budget, killed");
        }
        child.kill_group(SIGKILL);
        (void)child.wait();
        return false;
    }
    const base::ExitStatus status = child.wait();
    if (!status.success()) {
        voice.say(Event::teardown_failed,
                  fmt::format("the teardown ended with {}", describe(status)));
    }
    return status.success();
}

/// nullopt: there is none, so the lock file is all that counts. `usable`: the domain is ours still.
std::optional<PostLease> take_lease(const run::Request& request, Voice& voice, bool& usable) {
    if (!request.lease) {
        return std::nullopt;
    }
    const auto tell = [&](const std::string& line) { voice.say(Event::lease_trouble, line); };
    try {
        std::optional<PostLease> lease{std::in_place, *request.lease, tell};
        // What is not confirmed within the time of a lease has run out. The budget is systemd's.
        usable = lease->confirm(steady_clock::now() + std::min(2 * request.lease->margin,
                                                               request.teardown_budget * 95 / 100));
        if (!usable) {
            say_lease_over(voice, lease->reason());
        }
        return lease;
    } catch (const std::runtime_error& error) {
        usable = false;
        say_lease_over(voice, error.what());
        return std::nullopt;
    }
}

}  // namespace

void finish_for_harness(const run::RunDir& dir, base::UniqueFd lock, const run::UnitEnd& end,
                        const Tell& tell) {
    run::Record record = dir.read().value_or(run::Record{});
    const bool harness_finished = record.state == run::State::ended;
    // Without one, because a job has spoilt it, the lock file stays, and makes the next run of the
    // domain, or the janitor, tear down.
    const std::optional<run::Request> request = dir.try_read_request();
    // One that ended by itself, and not for an error of its own, has told its verdict, and has
    // removed its request if nothing was left: also where it could not write its record any more.
    const bool has_told =
        end.exit_code == "exited" && end.exit_status != std::to_string(run::exit_code::internal);
    if (!request && (harness_finished || has_told)) {
        return;
    }
    Voice voice{tell, record, !request || request->in_unit};
    if (!harness_finished) {
        record.verdict = run::decide_without_harness(end);
        const auto order = dir.read_stop_order();
        if (order && record.verdict->kind == run::VerdictKind::cancelled) {
            record.verdict = run::decide({.stop = run::Stop{order->cause, order->reason}});
        }
        voice.say(Event::harness_gone, record.verdict->reason);
    }
    // Only a harness that left nothing unlinks the file, and from then on its lock excludes nobody:
    // another run may be at work on the domain.
    const bool torn_down = request && lock && !locks::is_at_path(lock.get(), request->lock_file);
    base::fail_point("post.begun");
    bool clean = true;
    bool ours = true;
    std::optional<PostLease> lease =
        request ? take_lease(*request, voice, ours) : std::optional<PostLease>{};
    if (torn_down) {
        record.clean = true;
    } else if (request && request->teardown && !ours) {
        clean = false;
        record.clean = false;
    } else if (request && request->teardown) {
        record.state = run::State::tearing_down;
        begin_phase(record, k_phase, std::chrono::system_clock::now());
        (void)dir.try_write(record);
        voice.begin_phase(k_phase);
        clean = tear_down(*request, dir, voice, lease ? &*lease : nullptr);
        base::fail_point("post.torn-down");
        record.clean = clean;
        record.teardown_note = read_note(dir.teardown_note());
        if (clean && record.verdict->kind == run::VerdictKind::leftovers) {
            record.verdict = run::Verdict{run::VerdictKind::passed, 0, ""};
        }
    }
    record.state = run::State::ended;
    record.ended = std::chrono::system_clock::now();
    end_phases(record, *record.ended);
    // Without a request there is no saying whose cgroup this is.
    if (const auto cgroup = base::cgroup_of(::getpid()); cgroup && request && request->in_unit) {
        record.resources = run::usage_of(*cgroup);
    }
    if (const auto entries = voice.entries()) {
        record.journal_lines = record.journal_lines.value_or(0) + *entries + 1;  // and the last one
    }
    (void)dir.try_write(record);
    base::fail_point("post.recorded");
    voice.note(Event::ended, end_message(record), end_fields(record));
    dir.remove_request();
    base::fail_point("post.request-removed");
    if (lease && ours) {
        lease->end(clean);
    }
    if (request && clean && lock && !torn_down) {
        locks::DomainLock::adopt(std::move(lock), request->lock_file).release();
    }
    base::fail_point("post.released");
    const nlohmann::json json = record;
    voice.send(link::Kind::verdict,
               json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
    voice.finish();
}

}  // namespace ccci::harness
