#include "inspect/found_run.hpp"

#include <utility>

namespace ccci::inspect {

std::optional<run::Record> read_visible(const run::RunDir& dir) {
    auto record = dir.is_visible() ? dir.read() : std::nullopt;
    return record && record->run == dir.id() ? std::move(record) : std::nullopt;
}

std::optional<FoundRun> look_at(const run::RunDir& dir) {
    const auto owner = dir.owner();
    auto record = read_visible(dir);
    // The same one after as before: the record is that owner's.
    if (!record || !owner || dir.owner() != owner) {
        return std::nullopt;
    }
    return FoundRun{dir, std::move(*record), *owner};
}

}  // namespace ccci::inspect
