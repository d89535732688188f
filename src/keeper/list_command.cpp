#include <nlohmann/json.hpp>

#include <cstdio>
#include <map>
#include <stdexcept>
#include <variant>

#include "base/duration.hpp"
#include "base/text.hpp"
#include "etcd/client.hpp"
#include "keeper/commands.hpp"
#include "keeper/queue.hpp"
#include "keeper/setup.hpp"

namespace ccci::keeper {

namespace {

using nlohmann::json;

json to_json(const Claim& claim) {
    return {{"run", claim.claimant.run},   {"host", claim.claimant.host},
            {"unit", claim.claimant.unit}, {"user", claim.claimant.user},
            {"revision", claim.revision},  {"since", base::format_time(claim.claimant.since)}};
}

/// A domain has no slash in it.
std::map<std::string, std::vector<etcd::KeyValue>> by_domain(const etcd::Range& range,
                                                             const std::string& prefix) {
    std::map<std::string, std::vector<etcd::KeyValue>> found;
    for (const etcd::KeyValue& value : range.values) {
        const std::string rest = value.key.substr(prefix.size());
        found[rest.substr(0, rest.find('/'))].push_back(value);
    }
    return found;
}

json describe(const etcd::Range& range, const std::string& prefix) {
    json domains = json::array();
    for (const auto& [domain, values] : by_domain(range, prefix)) {
        Queue queue{domain_prefix(prefix, domain)};
        queue.replace(values);
        json claims = json::array();
        for (const auto& [revision, claim] : queue.claims()) {
            claims.push_back(to_json(claim));
        }
        domains.push_back({{"domain", domain},
                           {"claims", claims},
                           {"unfinished", queue.is_unfinished()},
                           {"own_teardown", queue.has_own_teardown()}});
    }
    return domains;
}

int list(const run::Config& config) {
    event::Loop loop;
    etcd::Client client{loop, etcd_settings(config)};
    etcd::Answer<etcd::Range> answer = etcd::Failure{};
    client.range(config.lock.prefix, [&](etcd::Answer<etcd::Range> got) {
        answer = std::move(got);
        loop.stop();
    });
    loop.run();
    if (const auto* failure = std::get_if<etcd::Failure>(&answer)) {
        throw std::runtime_error{failure->text};
    }
    const json domains = describe(std::get<etcd::Range>(answer), config.lock.prefix);
    (void)std::puts(domains.dump(2, ' ', false, json::error_handler_t::replace).c_str());
    return 0;
}

}  // namespace

program::Action add_list(CLI::App& program) {
    program.add_subcommand("list");
    return [](const run::Config& config, const std::vector<std::string>&) { return list(config); };
}

}  // namespace ccci::keeper
