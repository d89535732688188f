#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/unique_fd.hpp"
#include "bridge/state.hpp"
#include "gitea/payload.hpp"

namespace ccci::bridge {

/// A comment that was accepted and is not in a saved state yet.
struct Arrival {
    gitea::Comment comment;
    std::string delivery;

    bool operator==(const Arrival&) const = default;
};

/// What the bridge keeps, in two files of its directory: `bridge.json` is the state, replaced as a
/// whole; `bridge.arrivals` takes what has come since then, a line each, so that to accept one of
/// many comments does not cost a whole state. Both survive a crash of the host, and are for their
/// owner only. At most one store of a directory exists, on this host.
class Store {
public:
    /// The directory must exist. Throws std::runtime_error when another bridge has it.
    explicit Store(std::filesystem::path directory);

    struct Kept {
        State state;
        std::vector<Arrival> arrivals;  ///< to be admitted once more: it may have been done or not
    };
    /// Throws std::runtime_error for a file that is damaged.
    Kept load();

    /// When this returns, load() will give the arrival.
    void append(const Arrival& arrival);

    /// The state has every arrival in it.
    void save(const State& state);

private:
    std::filesystem::path file_;
    std::filesystem::path arrivals_file_;
    base::UniqueFd arrivals_;
    bool has_arrivals_ = true;
};

}  // namespace ccci::bridge
