#pragma once

#include <string>
#include <vector>

#include "backup/labels.hpp"
#include "backup/marked_parts.hpp"
#include "platform/abra.hpp"
#include "recipe/app_backup.hpp"

namespace ccci::recipe {

/// Made by the server's backupbot, which abra calls: what the labels mean and their hooks are
/// backupbot's, and so is what it stores, which nothing of abra's removes.
///
/// The markers are put before the hooks here, so a directory that a hook may make anew, or use up,
/// gets none, nor does one that is not there yet.
class AbraBackup : public AppBackup {
public:
    /// `abra` must outlive it.
    AbraBackup(const platform::Abra& abra, const std::string& run_id,
               std::vector<backup::ServicePlan> plans);

    void make(RecipeRun& run) override;
    void restore(RecipeRun& run) override;
    [[nodiscard]] const backup::MarkedParts& marked() const override { return marked_; }
    [[nodiscard]] std::string advice() const override;

private:
    void put_markers(RecipeRun& run);

    const platform::Abra& abra_;
    std::vector<backup::ServicePlan> plans_;
    backup::MarkedParts marked_;
};

}  // namespace ccci::recipe
