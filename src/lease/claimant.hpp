#pragma once

#include <chrono>
#include <optional>
#include <string>

namespace ccci::lease {

/// Who asks for a domain, or has it, as all hosts are told: the value of its key. Advice for
/// people, but for `supersedes`: the order of the keys alone decides.
struct Claimant {
    std::string run = {};  ///< run id, or "janitor"
    std::string host = {};
    std::string unit = {};  ///< empty when no systemd is involved
    std::string user = {};
    std::chrono::system_clock::time_point since = {};  ///< when it began to ask
    /// Whoever came to this domain before it is to stop.
    bool supersedes = false;

    bool operator==(const Claimant&) const = default;
};

/// One line of JSON, without its line end.
std::string encode(const Claimant& claimant);
/// nullopt for anything that encode() did not make.
std::optional<Claimant> parse_claimant(const std::string& text);

/// "run 290 on ci-2"
std::string name(const Claimant& claimant);
/// "run 290 on ci-2 holds it, and came for it 12s ago"
std::string describe(const Claimant& holder, std::chrono::system_clock::time_point now);

}  // namespace ccci::lease
