#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "run/record.hpp"

namespace ccci::run {

/// How many took how long.
struct Histogram {
    /// Upper bounds in seconds; what took longer is in the last count alone.
    static constexpr std::array<double, 10> k_bounds{1, 5, 15, 30, 60, 120, 300, 600, 1800, 3600};
    std::array<std::uint64_t, k_bounds.size() + 1> counts{};
    double sum = 0;

    void add(double seconds);
};

/// Passes of the janitor, added up.
struct JanitorTally {
    std::uint64_t passes = 0;      ///< over the whole host
    std::uint64_t incomplete = 0;  ///< those of them that could not deal with everything
    std::uint64_t reaped = 0;
    std::uint64_t not_reaped = 0;        ///< tries, each of which left something
    std::optional<Time> last_pass = {};  ///< when the newest of `passes` ended

    void add(const JanitorTally& more);
};

/// All runs that ever ended, added up (docs/decisions/006-metrics-that-only-grow.md).
struct Tally {
    std::map<std::string, std::uint64_t> verdicts;  ///< by name; every name is there
    std::uint64_t incomplete_teardowns = 0;
    std::uint64_t leaked_processes = 0;
    std::uint64_t journal_entries = 0;
    Histogram queue;
    Histogram job;
    Histogram teardown;
    JanitorTally janitor;
    /// Which of the runs that are still recorded are in it: when each was created, by id.
    std::map<std::string, std::string> counted;

    Tally();
    /// Adds what is over and was not added before, and forgets which of those runs were that are
    /// not among `records` any more. Where there are none at all, a file system may be missing:
    /// then it forgets nothing.
    void update(const std::vector<Record>& records);
};

/// Brings `<state_dir>/metrics.json` up to date with these records, and returns it. Each run is
/// counted once, whoever else does this meanwhile. Throws std::system_error; std::runtime_error for
/// a file that is not ours to understand.
Tally update_tally(const std::filesystem::path& state_dir, const std::vector<Record>& records);

/// Adds what a janitor did to the same file, and throws the same.
void count_janitor(const std::filesystem::path& state_dir, const JanitorTally& more);

}  // namespace ccci::run
