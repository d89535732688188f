#include "health/self_test_checks.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/duration.hpp"
#include "base/text.hpp"

namespace ccci::health {

namespace {

using namespace std::chrono_literals;

constexpr int k_deadline_code = 142;
/// A timer of systemd may be a quarter of a second late, and a busy host later still: not by more
/// than this, though, or by more than twice what a run takes that ends by itself.
constexpr std::chrono::microseconds k_late = 2500ms;

const Subject k_pinning{
    "self-test.pinning",
    "a run whose step and harness are killed keeps its domain until its teardown "
    "is over; else the next run, or the janitor, would be at work at the same "
    "time"};
const Subject k_deadline{"self-test.deadline", "no run may last for ever"};
const Subject k_kill{"self-test.kill",
                     "what a job leaves behind, detached and deaf to SIGTERM, must not outlive the "
                     "run"};
const Subject k_left{"self-test.nothing-left", "neither do units and files"};

/// Where such a failure comes from.
Fix look() {
    return advice(
        "see what was set on the units of runs (ls -d /etc/systemd/system/*.service.d "
        "/run/systemd/system/*.service.d), and what the runs said (journalctl --since=-2min "
        "--identifier=cc-ci)");
}

std::string with_words(std::string found, const SelfTestFacts& facts) {
    for (const std::string& line : facts.said) {
        found += fmt::format("; {}", line);
    }
    return found;
}

Check judge_pinning(const SelfTestFacts& facts) {
    const auto& pinning = facts.pinning;
    const auto failed = [&](const char* found) {
        return k_pinning.failed(with_words(found, facts), look());
    };
    if (!pinning.step_killed) {
        return failed("the run did not begin");
    }
    if (!pinning.teardown_began) {
        return failed("no teardown began after the step was killed");
    }
    if (!pinning.held_in_between) {
        return failed("THE LOCK WAS FREE while the teardown was at work");
    }
    if (!pinning.free_afterwards) {
        return failed("the lock was not free after the end");
    }
    return k_pinning.ok("the lock was held until the teardown was over, and free then");
}

Check judge_deadline(const SelfTestFacts& facts) {
    const auto& deadline = facts.deadline;
    const std::string found = fmt::format(
        "a run with a deadline of {} ended {}, after {}", base::format_duration(deadline.limit),
        deadline.code ? fmt::format("with {}", *deadline.code) : "not at all",
        base::format_duration(deadline.took));
    const auto late = std::max(k_late, 2 * facts.kill.took);
    const bool in_time = deadline.took >= deadline.limit && deadline.took < deadline.limit + late;
    if (deadline.code != k_deadline_code || !in_time) {
        return k_deadline.failed(with_words(found, facts), look());
    }
    return k_deadline.ok(found);
}

Check judge_kill(const SelfTestFacts& facts) {
    const auto& kill = facts.kill;
    if (!kill.stray_seen) {
        return k_kill.failed(with_words("the run did not begin", facts), look());
    }
    if (!kill.code) {
        return k_kill.failed(with_words("the run did not end", facts), look());
    }
    if (!kill.stray_gone) {
        return k_kill.failed(with_words("A PROCESS OF THE RUN WAS ALIVE after its end", facts),
                             look());
    }
    if (*kill.code != 0) {
        return k_kill.failed(
            with_words(fmt::format("the run ended with {} instead of 0", *kill.code), facts),
            look());
    }
    return k_kill.ok("a detached process that ignores SIGTERM was gone with its run");
}

Check judge_left(const SelfTestFacts& facts) {
    if (!facts.left.empty()) {
        return k_left.failed(base::join(facts.left, ", "),
                             command("systemctl stop 'cc-ci-run-doctor-*.service'"));
    }
    return k_left.ok("no unit, no file, no process");
}

}  // namespace

Checks judge_self_test(const SelfTestFacts& facts) {
    const std::string reason = facts.interrupted ? "interrupted" : facts.not_done;
    if (!reason.empty()) {
        return {k_pinning.skipped(reason), k_deadline.skipped(reason), k_kill.skipped(reason),
                facts.left.empty() ? k_left.skipped(reason) : judge_left(facts)};
    }
    return {judge_pinning(facts), judge_deadline(facts), judge_kill(facts), judge_left(facts)};
}

}  // namespace ccci::health
