#include "inspect/advice.hpp"

#include <fmt/format.h>

#include "base/duration.hpp"
#include "base/text.hpp"

namespace ccci::inspect {

namespace {

using run::VerdictKind;

std::string janitor_of(const run::Record& record) {
    return record.domain.empty()
               ? "cc-ci janitor"
               : fmt::format("cc-ci janitor --domain {}", base::printable(record.domain));
}

std::string logs_of(const run::Record& record) {
    return fmt::format("cc-ci logs {}", record.run);
}

std::string systems_word_on(const run::Record& record) {
    return record.unit.empty() ? "journalctl -k"
                               : fmt::format("journalctl {} {}",
                                             record.manager == "user" ? "--user-unit" : "--unit",
                                             base::printable(record.unit));
}

Advice on_failure(const run::Record& record, int code) {
    const std::string look = fmt::format("{} has all that it printed", logs_of(record));
    if (code == run::exit_code::not_found) {
        return {"there is no such command", "give its path, or set PATH in the step"};
    }
    if (code == run::exit_code::not_executable) {
        return {"the command cannot be executed", "check its mode and its first line"};
    }
    return {code > 128 ? "the job died of a signal that nobody from here sent"
                       : "the job itself said that it failed",
            look};
}

Advice on_refusal(const run::Record& record, int code) {
    if (code == run::exit_code::not_acquired) {
        return {"it did not get the lock of its domain in the time that it was given",
                "cc-ci locks says who holds it; --wait-timeout allows more"};
    }
    if (code == run::exit_code::leftovers) {
        return {"the job never started: what an earlier run had left could not be removed",
                fmt::format("{} says what is in the way; then {}", logs_of(record),
                            janitor_of(record))};
    }
    return {"cc-ci itself failed, or the host did; nothing of the job ran",
            fmt::format("cc-ci doctor checks this host; {}", systems_word_on(record))};
}

Advice on_verdict(const run::Record& record) {
    const int code = record.verdict->exit_code;
    switch (record.verdict->kind) {
        case VerdictKind::passed:
            if (!record.leaked.empty()) {
                return {"the job passed, but had not ended all that it started: that was killed",
                        "have the job stop what it starts, or wait for it"};
            }
            return {"the job passed and nothing was left behind", ""};
        case VerdictKind::failed:
            return on_failure(record, code);
        case VerdictKind::cancelled:
            return {record.started
                        ? "it was stopped before the job was over; the teardown ran all the same"
                        : "it was stopped while it waited; nothing of it ran",
                    "start it again if that was not meant"};
        case VerdictKind::superseded:
            return {"a newer run of the same domain took its place",
                    record.domain.empty() ? "cc-ci ps has the newer one"
                                          : fmt::format("cc-ci show {} has the newer one",
                                                        base::printable(record.domain))};
        case VerdictKind::deadline:
            return {fmt::format("the job was not over after {}",
                                base::format_duration(record.deadline)),
                    fmt::format("{} ends with what it was waiting for; --deadline allows more",
                                logs_of(record))};
        case VerdictKind::killed:
            return {"something from outside killed the job or its harness with SIGKILL",
                    fmt::format("{} has systemd's word on it", systems_word_on(record))};
        case VerdictKind::out_of_memory:
            return {"the kernel killed something of the run for lack of memory",
                    "raise --memory-max, or have the job need less"};
        case VerdictKind::fenced:
            return {
                "etcd did not confirm any more that the domain is this run's, so it stopped "
                "while nobody else could have it",
                fmt::format("{} has what etcd said; cc-ci doctor asks whether this host reaches it",
                            logs_of(record))};
        case VerdictKind::refused:
            return on_refusal(record, code);
        case VerdictKind::leftovers:
            return {"the job passed, but its teardown left something behind",
                    fmt::format("{} lists it; {} removes what is left", logs_of(record),
                                janitor_of(record))};
    }
    return {};
}

}  // namespace

Advice advice_on(const run::Record& record, const std::string& state) {
    if (state == "lost") {
        const bool had_begun = record.started.has_value();
        return {
            fmt::format("all that carried it died {} and nobody is left to write its end",
                        had_begun ? fmt::format("in the phase '{}',", base::printable(record.phase))
                                  : "before it began,"),
            had_begun && !record.domain.empty()
                ? fmt::format("the janitor removes what it left, at boot and on its timer; or "
                              "now: {}",
                              janitor_of(record))
                : "nothing is left of it to remove"};
    }
    if (record.state == run::State::ended && record.verdict) {
        Advice advice = on_verdict(record);
        if (record.clean == false && record.verdict->kind != VerdictKind::leftovers) {
            advice.next = fmt::format("{} removes what the teardown left; {}", janitor_of(record),
                                      advice.next);
        }
        return advice;
    }
    if (state == "waiting") {
        return {"it waits for the lock of its domain; nothing of it runs yet",
                fmt::format("cc-ci cancel {} takes it out of the queue", record.run)};
    }
    if (state == "tearing-down") {
        return {"the job is over, what it deployed is being removed",
                fmt::format("{} -f follows it", logs_of(record))};
    }
    return {"it is at work", fmt::format("{0} -f follows it; cc-ci cancel {1} stops it",
                                         logs_of(record), record.run)};
}

}  // namespace ccci::inspect
