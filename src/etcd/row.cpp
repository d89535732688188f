#include "etcd/row.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "http/url.hpp"

namespace ccci::etcd {

Row::Row(std::vector<std::string> endpoints) : endpoints_{std::move(endpoints)} {
    if (endpoints_.empty()) {
        throw std::invalid_argument{"ask etcd: there is no endpoint"};
    }
    for (std::string& endpoint : endpoints_) {
        endpoint = http::without_slash(endpoint);
    }
}

const std::string* Row::first_but(const std::set<std::string>& tried) const {
    const auto found = std::ranges::find_if(
        endpoints_, [&](const std::string& endpoint) { return !tried.contains(endpoint); });
    return found == endpoints_.end() ? nullptr : &*found;
}

void Row::to_the_end(const std::string& endpoint) {
    const auto found = std::ranges::find(endpoints_, endpoint);
    if (found != endpoints_.end()) {
        std::rotate(found, found + 1, endpoints_.end());
    }
}

}  // namespace ccci::etcd
