#include <nlohmann/json.hpp>

#include <cstdio>
#include <map>
#include <stdexcept>
#include <variant>
#include <vector>

#include "etcd/client.hpp"
#include "keeper/commands.hpp"
#include "keeper/queue.hpp"
#include "keeper/setup.hpp"
#include "lease/domains.hpp"

namespace ccci::keeper {

namespace {

using nlohmann::json;

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

std::vector<lease::Domain> describe(const etcd::Range& range, const std::string& prefix) {
    std::vector<lease::Domain> domains;
    for (const auto& [name, values] : by_domain(range, prefix)) {
        Queue queue{domain_prefix(prefix, name)};
        queue.replace(values);
        lease::Domain& domain =
            domains.emplace_back(lease::Domain{.name = name,
                                               .claims = {},
                                               .unfinished = queue.is_unfinished(),
                                               .own_teardown = queue.has_own_teardown()});
        for (const auto& [revision, claim] : queue.claims()) {
            domain.claims.push_back({claim.claimant, revision});
        }
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
    const json domains(describe(std::get<etcd::Range>(answer), config.lock.prefix));
    (void)std::puts(domains.dump(2, ' ', false, json::error_handler_t::replace).c_str());
    return 0;
}

}  // namespace

program::Action add_list(CLI::App& program) {
    program.add_subcommand("list");
    return [](const run::Config& config, const std::vector<std::string>&) { return list(config); };
}

}  // namespace ccci::keeper
