#pragma once

#include <set>
#include <string>
#include <vector>

namespace ccci::etcd {

/// The endpoints, the one to ask first at the front.
class Row {
public:
    /// Throws std::invalid_argument when there is none.
    explicit Row(std::vector<std::string> endpoints);

    [[nodiscard]] const std::string& front() const { return endpoints_.front(); }
    /// The first that is not among these; null when all are.
    [[nodiscard]] const std::string* first_but(const std::set<std::string>& tried) const;
    void to_the_end(const std::string& endpoint);

private:
    std::vector<std::string> endpoints_;
};

}  // namespace ccci::etcd
