#pragma once

#include <string>

#include "backup/marked_parts.hpp"

namespace ccci::recipe {

struct RecipeRun;

/// One backup of an app, which the backup tier makes and the restore tier brings back. Where it is
/// and who makes it is all that its kinds differ in: that it came back is proven by markers for
/// each of them.
class AppBackup {
public:
    AppBackup() = default;
    AppBackup(const AppBackup&) = delete;
    AppBackup& operator=(const AppBackup&) = delete;
    virtual ~AppBackup() = default;

    /// Puts the markers, and backs up what the labels declare, with their hooks. Logs what it did.
    /// Throws RecipeError or BackupError when the recipe is in the way.
    virtual void make(RecipeRun& run) = 0;

    /// Brings it back, with the hooks. Throws the same.
    virtual void restore(RecipeRun& run) = 0;

    [[nodiscard]] virtual const backup::MarkedParts& marked() const = 0;

    /// Where to look when a marker is not back.
    [[nodiscard]] virtual std::string advice() const = 0;
};

}  // namespace ccci::recipe
