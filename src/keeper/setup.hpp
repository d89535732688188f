#pragma once

#include <string>

#include "etcd/settings.hpp"
#include "lease/claimant.hpp"
#include "run/config.hpp"

namespace ccci::keeper {

/// Throws run::UsageError where the configuration has no etcd.
etcd::Settings etcd_settings(const run::Config& config);
/// For who keeps a lease: between a keep-alive and the fence each endpoint can be tried once, so
/// that a member that hangs fences nobody.
etcd::Settings keeping_settings(const run::Config& config);

/// Who asks, as all hosts are told.
struct Asker {
    std::string run;
    std::string unit;
    std::string user;
    bool supersedes = false;
};

lease::Claimant claimant_of(const Asker& asker, const run::Config& config);

}  // namespace ccci::keeper
