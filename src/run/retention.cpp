#include "run/retention.hpp"

#include <algorithm>
#include <tuple>

namespace ccci::run {

std::vector<std::string> expired(std::vector<PastRun> runs, const Retention& retention, Time now) {
    std::ranges::sort(runs, [](const PastRun& a, const PastRun& b) {
        return std::tie(a.ended, a.id) < std::tie(b.ended, b.id);
    });
    const std::size_t surplus =
        runs.size() - std::min(runs.size(), retention.most.value_or(runs.size()));
    std::vector<std::string> ids;
    for (std::size_t at = 0; at < runs.size(); ++at) {
        const bool too_old = retention.longest && now - runs[at].ended > *retention.longest;
        if (at < surplus || too_old) {
            ids.push_back(std::move(runs[at].id));
        }
    }
    return ids;
}

}  // namespace ccci::run
