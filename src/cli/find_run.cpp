#include "cli/find_run.hpp"

#include <fmt/format.h>

#include <optional>

#include "run/usage_error.hpp"

namespace ccci::cli {

std::pair<run::RunDir, run::Record> find_run(const run::Config& config, const std::string& id) {
    const run::RunDir dir = run::RunDir::open(config.runs_dir / run::check_run_id(id));
    auto record = dir.is_ours() ? dir.read() : std::nullopt;
    if (!record) {
        throw run::UsageError{
            fmt::format("no run '{}' in {} (cc-ci ps lists them)", id, config.runs_dir.native())};
    }
    return {dir, std::move(*record)};
}

}  // namespace ccci::cli
