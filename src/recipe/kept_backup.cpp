#include "recipe/kept_backup.hpp"

#include <fmt/format.h>
#include <sys/stat.h>

#include <cerrno>
#include <exception>
#include <optional>

#include "backup/restic.hpp"
#include "base/files.hpp"
#include "base/os_error.hpp"
#include "base/text.hpp"

namespace ccci::recipe {

namespace {

namespace fs = std::filesystem;

constexpr const char* k_archives = "archives";
constexpr const char* k_restic_id = "restic-snapshot";

backup::Restic repository_of(const run::Config& config,
                             const std::vector<std::string>& environment) {
    return {config.restic_repository, config.restic_password_file, environment};
}

}  // namespace

fs::path make_backup_directory(const RunTree& tree) {
    fs::remove_all(tree.backup());
    if (::mkdir(tree.backup().c_str(), 0700) != 0) {
        base::throw_errno(errno, "create directory {}", tree.backup().native());
    }
    return tree.backup() / k_archives;
}

std::string put_into_repository(const JobContext& job, const fs::path& archives) {
    if (job.config.restic_repository.empty()) {
        return {};
    }
    backup::Restic restic = repository_of(job.config, job.environment);
    std::string id = restic.save(archives, job.run_id);
    base::write_file_atomically(archives.parent_path() / k_restic_id, id + "\n", 0600);
    restic.check(id, archives);
    fs::remove_all(archives);
    return id;
}

void fetch_from_repository(const JobContext& job, const std::string& id, const fs::path& archives) {
    if (!id.empty()) {
        repository_of(job.config, job.environment).fetch(id, archives);
    }
}

std::vector<std::string> remove_backup(const run::Config& config, const fs::path& run_dir,
                                       const std::vector<std::string>& environment,
                                       std::chrono::microseconds longest) {
    const fs::path directory = RunTree{run_dir}.backup();
    std::vector<std::string> left;
    std::string id;
    try {
        id = base::trim(base::try_read_file(directory / k_restic_id).value_or(""));
        if (backup::is_snapshot_id(id)) {
            repository_of(config, environment).forget(id, longest);
        }
    } catch (const std::exception& error) {
        left.push_back(fmt::format("restic snapshot {}: {}", base::printable(id), error.what()));
    }
    std::error_code error;
    fs::remove_all(directory, error);
    if (error) {
        left.push_back(fmt::format("{}: {}", directory.native(), error.message()));
    }
    return left;
}

}  // namespace ccci::recipe
