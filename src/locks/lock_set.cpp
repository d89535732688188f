#include "locks/lock_set.hpp"

#include <optional>
#include <utility>
#include <variant>

#include "locks/waiting.hpp"

namespace ccci::locks {

LockSet acquire_all(const std::filesystem::path& directory, const std::set<std::string>& domains,
                    const std::function<void(const std::string& domain, const Busy& busy)>& tell) {
    LockSet set;
    for (const std::string& domain : domains) {
        auto result = DomainLock::try_acquire(directory, domain);
        if (auto* lock = std::get_if<DomainLock>(&result)) {
            set.emplace(domain, std::move(*lock));
            continue;
        }
        tell(domain, std::get<Busy>(result));
        // The process that blocks for us has copies of the locks that we have already; it never
        // outlives us.
        Waiting waiting{std::move(std::get<Busy>(result))};
        std::optional<DomainLock> lock;
        while (!lock) {
            lock = waiting.finish();
        }
        set.emplace(domain, std::move(*lock));
    }
    return set;
}

}  // namespace ccci::locks
