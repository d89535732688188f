#include "inspect/found_run.hpp"

#include <utility>

namespace ccci::inspect {

std::optional<uid_t> owner_of(const run::RunDir& dir, Whose whose) {
    return whose == Whose::anybodys ? dir.owner() : dir.visible_owner();
}

std::optional<run::Record> read_visible(const run::RunDir& dir, Whose whose) {
    auto record = owner_of(dir, whose) ? dir.read() : std::nullopt;
    return record && record->run == dir.id() ? std::move(record) : std::nullopt;
}

std::optional<FoundRun> look_at(const run::RunDir& dir, Whose whose) {
    const auto owner = dir.owner();
    auto record = read_visible(dir, whose);
    // The same one after as before: the record is that owner's.
    if (!record || !owner || dir.owner() != owner) {
        return std::nullopt;
    }
    return FoundRun{dir, std::move(*record), *owner};
}

}  // namespace ccci::inspect
