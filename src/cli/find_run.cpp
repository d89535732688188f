#include "cli/find_run.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <utility>

#include "base/user.hpp"
#include "run/usage_error.hpp"

namespace ccci::cli {

std::optional<run::Record> read_visible(const run::RunDir& dir) {
    auto record = dir.is_visible() ? dir.read() : std::nullopt;
    return record && record->run == dir.id() ? std::move(record) : std::nullopt;
}

FoundRun find_run(const run::Config& config, const std::string& id) {
    const run::RunDir dir = run::RunDir::open(config.runs_dir / run::check_run_id(id));
    const auto owner = dir.owner();
    auto record = read_visible(dir);
    // The same one after as before: the record is that owner's.
    if (!record || !owner || dir.owner() != owner) {
        throw run::UsageError{
            fmt::format("no run '{}' in {} (cc-ci ps lists them)", id, config.runs_dir.native())};
    }
    return {dir, std::move(*record), *owner};
}

void become_owner(const FoundRun& found) {
    if (::geteuid() == 0 && found.owner != 0) {
        base::become_user(found.owner);
    }
}

}  // namespace ccci::cli
