#include "keeper/setup.hpp"

#include <algorithm>
#include <cstdint>

#include "lease/validity.hpp"
#include "run/usage_error.hpp"

namespace ccci::keeper {

etcd::Settings etcd_settings(const run::Config& config) {
    if (config.lock.engine != run::LockEngine::etcd) {
        throw run::UsageError{"the engine of 'lock' is not etcd"};
    }
    return {.endpoints = config.lock.endpoints,
            .ca_file = config.lock.ca_file,
            .cert_file = config.lock.cert_file,
            .key_file = config.lock.key_file,
            .user = config.lock.user,
            .password_file = config.lock.password_file};
}

etcd::Settings keeping_settings(const run::Config& config) {
    etcd::Settings settings = etcd_settings(config);
    const run::LockSettings& lock = config.lock;
    const auto time =
        lock.ttl - lease::allowance(lock.ttl) - lock.margin - lease::keep_alive_interval(lock.ttl);
    const auto each = time / static_cast<std::int64_t>(settings.endpoints.size());
    settings.request_limit = std::min(settings.request_limit,
                                      std::chrono::duration_cast<std::chrono::milliseconds>(each));
    return settings;
}

lease::Claimant claimant_of(const Asker& asker, const run::Config& config) {
    return {.run = asker.run,
            .host = run::host_name(config.lock),
            .unit = asker.unit,
            .user = asker.user,
            .since = std::chrono::system_clock::now(),
            .supersedes = asker.supersedes};
}

}  // namespace ccci::keeper
