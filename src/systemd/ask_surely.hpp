#pragma once

#include <poll.h>

#include <chrono>

#include "systemd/manager.hpp"

namespace ccci::systemd {

/// Calls `ask` until it ends with anything but NoAnswer, and throws that one after 3 s in all: PID
/// 1 is off the bus while it re-executes itself, and everybody is while dbus is restarted. `ask`
/// connects anew each time, and must do no harm when an earlier call of it took effect.
///
/// Blocks: nothing tells when they are back, and the caller has nothing else to do.
template <typename Ask>
auto ask_surely(Ask ask) {
    using namespace std::chrono_literals;
    constexpr std::chrono::milliseconds longest = 1600ms;
    for (std::chrono::milliseconds pause = 50ms;; pause *= 2) {
        try {
            return ask();
        } catch (const NoAnswer&) {
            if (pause > longest) {
                throw;
            }
        }
        (void)::poll(nullptr, 0, static_cast<int>(pause.count()));
    }
}

}  // namespace ccci::systemd
