#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <variant>

#include "base/unique_fd.hpp"
#include "locks/holder.hpp"

namespace ccci::locks {

/// Throws LockError unless `directory` exists, is a directory, and nobody else but root can replace
/// our files in it: root's or ours, and not writable by others, or sticky.
void check_lock_dir(const std::filesystem::path& directory);

std::filesystem::path lock_path(const std::filesystem::path& directory, const std::string& domain);
/// The domain of a lock file's name; nullopt for any other name.
std::optional<std::string> domain_of(const std::filesystem::path& path);

struct Busy;

/// Proof that the exclusive flock(2) of a domain is held on the file that is at the path. There is
/// no unheld state: the kernel frees the lock when the last copy of the descriptor closes, whoever
/// has it, also after SIGKILL; and whoever gives it back before has none any more.
class [[nodiscard]] DomainLock {
public:
    /// Never waits. Creates the file (0600), not its directory. Throws LockError for a file that
    /// is not a regular file of ours with mode 0600 and one name, std::system_error for the rest.
    /// Root also takes those of other users in a directory that is root's, sticky, writable for its
    /// group and for nobody else.
    static std::variant<DomainLock, Busy> try_acquire(const std::filesystem::path& directory,
                                                      const std::string& domain);

    /// For a process that was handed the locked descriptor.
    static DomainLock adopt(base::UniqueFd fd, std::filesystem::path path);

    [[nodiscard]] int fd() const { return fd_.get(); }
    [[nodiscard]] const std::filesystem::path& path() const { return path_; }

    /// The file was there already, unheld and with a holder in it: that one did not finish, for one
    /// that does unlinks it.
    [[nodiscard]] bool had_predecessor() const { return had_predecessor_; }

    /// Once a holder brought a teardown of its own, the file says so until it is emptied or
    /// removed: whoever comes after it cannot undo what only that one does.
    void write_holder(Holder holder) const;

    /// Empties the file: nobody did anything under this lock that is worth a clean slate.
    void clear_holder() const;

    /// From now on programs that we start inherit a copy, so that the lock lives as long as
    /// anything of them, should we be killed. Only for who ends with release() or leave(): a
    /// process that is left running would hold the domain for ever.
    void share_with_programs() const;

    /// Frees the lock for every copy of the descriptor, and leaves the file: something may be left.
    void leave() &&;

    /// Gives the domain back: removes the file while the lock is held, so that nobody can lock it
    /// in between, and then frees the lock for every copy of the descriptor, PID 1's too (flock(2):
    /// LOCK_UN on any of them does). Those who wait are woken and find out by their own check. Not
    /// an error if the file is gone.
    void release() &&;

private:
    friend class Waiting;
    DomainLock(base::UniqueFd fd, std::filesystem::path path, bool had_predecessor)
        : fd_{std::move(fd)}, path_{std::move(path)}, had_predecessor_{had_predecessor} {}

    base::UniqueFd fd_;
    std::filesystem::path path_;
    bool had_predecessor_ = false;
};

/// Somebody else holds it.
struct Busy {
    base::UniqueFd fd;  ///< open on the held file, for whoever wants to wait
    std::filesystem::path path;
    std::optional<Holder> holder;
};

/// Somebody wrote a holder into the file, and did not get as far as unlinking it.
bool has_content(int fd);

/// True while `fd` is the file at `path`: same device and inode, link count not zero.
bool is_at_path(int fd, const std::filesystem::path& path);

/// Opens without creating and without blocking. nullopt when there is no such file. Throws
/// LockError if it is not a lock file of ours.
std::optional<base::UniqueFd> open_lock_file(const std::filesystem::path& path);

/// What the file says about its holder.
std::optional<Holder> read_holder(int fd);

/// Processes that are blocked on the lock of this file (/proc/locks, proc(5)). Reads about every
/// lock of the host for that.
int count_waiters(int fd);

}  // namespace ccci::locks
