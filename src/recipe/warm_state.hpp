#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "recipe/warm_record.hpp"

namespace ccci::recipe {

/// The directory of one warm app: a directory for each canonical state, of which the link `current`
/// names the one that counts, and the file `touched`, which is there while the app may be something
/// else than its canonical state. Whoever changes anything holds the lock of the app's domain. What
/// is changed here survives a crash of the host. All throw std::system_error.
class WarmState {
public:
    explicit WarmState(std::filesystem::path directory) : directory_{std::move(directory)} {}

    /// Throws std::runtime_error when there is a canonical state that makes no sense.
    [[nodiscard]] std::optional<WarmRecord> current() const;

    [[nodiscard]] bool is_touched() const;
    /// Before anything changes the app. Makes the directory, for the owner only.
    void touch() const;
    /// After the app was made what `current` says. What a promotion left unfinished is removed.
    void untouch() const;

    /// Makes an empty directory for a new canonical state, beside the current one.
    [[nodiscard]] std::filesystem::path make_candidate(const std::string& run_id) const;
    /// Makes it the current state, at one moment, and removes the one before it. The app stays
    /// touched.
    void make_current(const std::filesystem::path& candidate, const WarmRecord& record) const;

    /// From now on the app has no canonical state.
    void abandon() const;
    /// Removes all of it.
    void remove() const;

    /// The parts of a canonical state.
    [[nodiscard]] std::filesystem::path current_directory() const;
    static std::filesystem::path tree(const std::filesystem::path& state) { return state / "tree"; }
    static std::filesystem::path env_file(const std::filesystem::path& state) {
        return state / "app.env";
    }
    /// Of the volume that is at this place in the record.
    static std::filesystem::path archive(const std::filesystem::path& state, std::size_t place);

private:
    void remove_others(const std::filesystem::path& kept) const;

    std::filesystem::path directory_;
};

}  // namespace ccci::recipe
