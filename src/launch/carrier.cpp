#include "launch/carrier.hpp"

#include "launch/direct_carrier.hpp"
#include "launch/service_carrier.hpp"

namespace ccci::launch {

std::unique_ptr<Carrier> make_carrier(ManagerKind manager, bool scope) {
    const systemd::Which which =
        manager == ManagerKind::user ? systemd::Which::user : systemd::Which::system;
    if (manager == ManagerKind::none) {
        return std::make_unique<DirectCarrier>(std::nullopt);
    }
    if (scope) {
        return std::make_unique<DirectCarrier>(which);
    }
    return std::make_unique<ServiceCarrier>(which);
}

}  // namespace ccci::launch
