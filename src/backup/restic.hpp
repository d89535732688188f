#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "backup/tool.hpp"

namespace ccci::backup {

/// The operator's restic repository, as a place for the files of a snapshot: restic sees nothing of
/// an app but our archives. Where it is and its password go to restic by the environment and by
/// a file, never by its command line. While the repository is locked they wait. All throw
/// std::runtime_error "restic backup: <reason>".
class Restic {
public:
    /// `environment` is that of the job: a repository in a cloud needs variables of the operator's.
    Restic(const std::string& repository, const std::filesystem::path& password_file,
           std::vector<std::string> environment);

    /// Stores the files in `directory` as a snapshot with the tags cc-ci and cc-ci-run=<run id>.
    /// Returns its id.
    std::string save(const std::filesystem::path& directory, const std::string& run_id);

    /// The snapshot must hold the files that are in `directory`, each with its size.
    void check(const std::string& id, const std::filesystem::path& directory);

    /// Brings the files back into `directory`.
    void fetch(const std::string& id, const std::filesystem::path& directory);

    void forget(const std::string& id, std::chrono::microseconds longest);

private:
    std::string run(const std::vector<std::string>& arguments,
                    const std::filesystem::path& directory, std::chrono::microseconds longest);
    ToolEnd try_once(std::vector<std::string> arguments, const std::filesystem::path& directory,
                     std::chrono::steady_clock::time_point until, std::string& text);

    std::vector<std::string> environment_;
};

/// What `restic --json backup` says is the id of the snapshot; empty: nothing.
std::string snapshot_id_in(std::string_view output);

/// What it says of a failure, which newer ones do in JSON, too: the words alone.
std::string words_of(const std::string& line);

/// Whether this is an id that restic could have given, and nothing else.
bool is_snapshot_id(std::string_view text);

}  // namespace ccci::backup
