#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "health/self_test_checks.hpp"
#include "launch/carrier.hpp"

namespace ccci::doctor {

/// Where and how the runs of a self-test are.
struct SelfTest {
    std::filesystem::path parent;  ///< of the throw-away directory
    std::vector<std::string> environment;
    std::function<std::unique_ptr<launch::Carrier>()> make_carrier;
    std::chrono::milliseconds deadline{300};    ///< of the run that is to exceed it
    std::chrono::milliseconds patience{20000};  ///< until the first one is over; see below
};

/// Three tiny runs at a time, through what carries every run, with locks and run directories of
/// their own. Blocks for about a second; for what is not over when another one is it waits three
/// times as long as that one took, as a slow host needs, but three seconds at least. Ends early at
/// SIGINT, SIGTERM and SIGHUP. Whatever happens, but for SIGKILL, nothing of it is left; and then
/// the runs end by themselves.
health::SelfTestFacts self_test(const SelfTest& test);

}  // namespace ccci::doctor
