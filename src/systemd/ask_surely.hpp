#pragma once

#include <poll.h>

#include <chrono>

#include "systemd/manager.hpp"

namespace ccci::systemd {

/// Calls `ask` until it ends with anything but NoAnswer, and throws that one after 3 s in all: PID
/// 1 is off the bus while it re-executes itself, and everybody is while dbus is restarted. Where
/// the bus is full it is 25 s, for it empties as fast as PID 1 works. `ask` connects anew each
/// time, and must do no harm when an earlier call of it took effect.
///
/// Blocks: nothing tells when they are back, and the caller has nothing else to do.
template <typename Ask>
auto ask_surely(Ask ask) {
    using namespace std::chrono_literals;
    constexpr std::chrono::milliseconds longest = 1600ms;
    constexpr std::chrono::milliseconds longest_when_full = 12800ms;
    for (std::chrono::milliseconds pause = 50ms;; pause *= 2) {
        try {
            return ask();
        } catch (const NoAnswer& error) {
            const bool full = dynamic_cast<const Overloaded*>(&error) != nullptr;
            if (pause > (full ? longest_when_full : longest)) {
                throw;
            }
        }
        (void)::poll(nullptr, 0, static_cast<int>(pause.count()));
    }
}

}  // namespace ccci::systemd
