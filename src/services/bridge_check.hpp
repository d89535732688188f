#pragma once

#include "run/config.hpp"
#include "services/bridge_setup.hpp"

namespace ccci::services {

/// Asks both servers for what the bridge will need, and changes nothing there. Prints a line for
/// each question. Returns the exit code: 1 when something does not work.
int check_bridge(const run::Config& config, BridgeClients& clients);

}  // namespace ccci::services
