#include "systemd/journal_events.hpp"

#include <fmt/format.h>

#include <stdexcept>

namespace ccci::systemd {

const std::array<EventKind, 15> k_event_kinds{{
    {Event::started, "started", "8d224a1071dc42bca04a6f6ce0ac019e", 6},
    {Event::phase, "phase", "05c958a33cdd4a7d92451e1b7e2ab74c", 6},
    {Event::stop, "stop", "ff19991db3214ca8a59ace62e2dd37b5", 4},
    {Event::stop_ignored, "stop-ignored", "9d380e0d51614f8cbc74fffbe46d4906", 6},
    {Event::job_not_executed, "job-not-executed", "e7423cb813ee4c0ebb1056789fead69a", 3},
    {Event::leaked, "leaked", "7c203baa61b04cae81af680a82182024", 4},
    {Event::unkillable, "unkillable", "cce628aa872e4fab8e906a65ea216caa", 3},
    {Event::teardown_failed, "teardown-failed", "1ea594e8b7ef4e71aa55b34df3a5cfd2", 3},
    {Event::teardown_timeout, "teardown-timeout", "b1ae5701f6e948f8a422ac92d8a8ffdc", 3},
    {Event::lease_trouble, "lease-trouble", "5b0f3cbb9d0b4f2f9a6b4a6c2f7be0d1", 4},
    {Event::lease_over, "lease-over", "c1a7e0ad6f684f3c8c41c4d5d4f0a7b2", 3},
    {Event::record_lost, "record-lost", "98b444060f3b449d86ae9fd8f12b24c3", 4},
    {Event::harness_failed, "harness-failed", "d2923fc8a3594c76814196f321039c78", 3},
    {Event::harness_gone, "harness-gone", "d34a316d7aae4cc5b03e110d4708d89c", 4},
    {Event::ended, "ended", "66dd89fe302c4db084fda5b6b3525d7a", 6},
}};

const EventKind& kind_of(Event event) {
    for (const EventKind& kind : k_event_kinds) {
        if (kind.event == event) {
            return kind;
        }
    }
    throw std::logic_error{"an event without a kind"};
}

std::vector<std::string> event_fields(Event event, const std::string& message) {
    const EventKind& kind = kind_of(event);
    return {"MESSAGE=" + message, fmt::format("PRIORITY={}", kind.priority),
            fmt::format("MESSAGE_ID={}", kind.id), fmt::format("CC_CI_EVENT={}", kind.name)};
}

}  // namespace ccci::systemd
