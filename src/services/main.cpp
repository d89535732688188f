#include "program/main.hpp"

#include "services/bridge_service.hpp"
#include "services/dashboard_service.hpp"

// What goes on for as long as the host does.

namespace {

namespace services = ccci::services;

ccci::program::Actions add_commands(CLI::App& program) {
    return {{"bridge", services::add_bridge(program)},
            {"dashboard", services::add_dashboard(program)}};
}

}  // namespace

int main(int argc, char** argv) {
    return ccci::program::main(argc, argv, "cc-ci-services", &add_commands);
}
