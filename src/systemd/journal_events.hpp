#pragma once

#include <array>
#include <string>
#include <vector>

namespace ccci::systemd {

/// What happens to a run, as its entries in the journal say it.
enum class Event {
    started,
    phase,
    stop,
    stop_ignored,
    job_not_executed,
    leaked,
    unkillable,
    teardown_failed,
    teardown_timeout,
    lease_trouble,
    lease_over,
    record_lost,
    harness_failed,
    harness_gone,
    ended,
};

/// How an event is told. The catalog (src/packaging/cc-ci.catalog) explains each id; ids and names
/// are for good, since people and programs look for them.
struct EventKind {
    Event event;
    const char* name;  ///< CC_CI_EVENT
    const char* id;    ///< MESSAGE_ID
    int priority;      ///< as syslog(3) has them
};

extern const std::array<EventKind, 15> k_event_kinds;

const EventKind& kind_of(Event event);

/// The fields that every entry about this event has: MESSAGE, PRIORITY, MESSAGE_ID, CC_CI_EVENT.
std::vector<std::string> event_fields(Event event, const std::string& message);

}  // namespace ccci::systemd
