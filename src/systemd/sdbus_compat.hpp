#pragma once

// Everything that sdbus-c++ 1.x (Debian 12) and 2.x (Debian 13, nixpkgs) disagree on.

#include <sdbus-c++/sdbus-c++.h>

#include <memory>
#include <string>
#include <utility>

namespace ccci::systemd::compat {

#if __has_include(<sdbus-c++/VTableItems.h>)

inline std::unique_ptr<sdbus::IProxy> make_proxy(sdbus::IConnection& connection,
                                                 const std::string& destination,
                                                 const std::string& path) {
    return sdbus::createProxy(connection, sdbus::ServiceName{destination}, sdbus::ObjectPath{path});
}

inline bool process_pending(sdbus::IConnection& connection) {
    return connection.processPendingEvent();
}

/// The rule is removed with the slot.
inline sdbus::Slot add_match(sdbus::IConnection& connection, const std::string& rule,
                             sdbus::message_handler on_message) {
    return connection.addMatch(rule, std::move(on_message), sdbus::return_slot);
}

inline std::string error_name(const sdbus::Error& error) {
    return std::string{error.getName()};
}

#else

inline std::unique_ptr<sdbus::IProxy> make_proxy(sdbus::IConnection& connection,
                                                 const std::string& destination,
                                                 const std::string& path) {
    return sdbus::createProxy(connection, destination, path);
}

inline bool process_pending(sdbus::IConnection& connection) {
    return connection.processPendingRequest();
}

inline sdbus::Slot add_match(sdbus::IConnection& connection, const std::string& rule,
                             sdbus::message_handler on_message) {
    return connection.addMatch(rule, std::move(on_message));
}

inline std::string error_name(const sdbus::Error& error) {
    return error.getName();
}

#endif

}  // namespace ccci::systemd::compat
