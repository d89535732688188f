#include "keeper/queue.hpp"

#include <fmt/format.h>

#include <utility>

namespace ccci::keeper {

namespace {

constexpr const char* k_queue = "/queue/";
constexpr const char* k_unfinished = "/unfinished";
constexpr const char* k_own_teardown = "/own_teardown";

}  // namespace

std::string domain_prefix(const std::string& prefix, const std::string& domain) {
    return prefix + domain + "/";
}

std::string claim_key(const std::string& prefix, const std::string& domain, std::int64_t lease) {
    return fmt::format("{}{}{}{:016x}", prefix, domain, k_queue, static_cast<std::uint64_t>(lease));
}

std::string unfinished_key(const std::string& prefix, const std::string& domain) {
    return prefix + domain + k_unfinished;
}

std::string own_teardown_key(const std::string& prefix, const std::string& domain) {
    return prefix + domain + k_own_teardown;
}

void Queue::put(const etcd::KeyValue& value) {
    if (!value.key.starts_with(prefix_)) {
        return;
    }
    const std::string_view rest = std::string_view{value.key}.substr(prefix_.size() - 1);
    if (rest == k_unfinished) {
        unfinished_ = true;
    } else if (rest == k_own_teardown) {
        own_teardown_ = true;
    } else if (rest.starts_with(k_queue)) {
        // A claim that cannot be read is one all the same.
        claims_[value.create_revision] = {
            value.key, value.create_revision,
            lease::parse_claimant(value.value).value_or(lease::Claimant{.run = "?", .host = "?"})};
    }
}

void Queue::replace(const std::vector<etcd::KeyValue>& values) {
    claims_.clear();
    unfinished_ = false;
    own_teardown_ = false;
    for (const etcd::KeyValue& value : values) {
        put(value);
    }
}

void Queue::apply(const etcd::Event& event) {
    if (event.kind == etcd::Event::Kind::put) {
        put(event.value);
        return;
    }
    std::erase_if(claims_, [&](const auto& each) { return each.second.key == event.value.key; });
    if (event.value.key == prefix_ + (k_unfinished + 1)) {
        unfinished_ = false;
    } else if (event.value.key == prefix_ + (k_own_teardown + 1)) {
        own_teardown_ = false;
    }
}

std::optional<Place> Queue::place_of(const std::string& key) const {
    Place place;
    bool found = false;
    for (const auto& [revision, claim] : claims_) {
        if (claim.key == key) {
            found = true;
            place.revision = revision;
        } else if (!found) {
            ++place.before;
        } else if (claim.claimant.supersedes) {
            place.superseded_by = claim;
        }
    }
    if (!found) {
        return std::nullopt;
    }
    if (place.before > 0) {
        place.holder = claims_.begin()->second;
    }
    return place;
}

}  // namespace ccci::keeper
