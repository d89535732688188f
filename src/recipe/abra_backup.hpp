#pragma once

#include <string>
#include <vector>

#include "backup/labels.hpp"
#include "backup/marked_parts.hpp"
#include "platform/abra.hpp"
#include "recipe/app_backup.hpp"

namespace ccci::recipe {

/// Whether a marker that was put into the part before all hooks must be there again after them: a
/// directory in a volume may be made anew by the hook before the backup, and be used up by the one
/// after the restore.
bool survives_hooks(const backup::ServicePlan& plan, const backup::Part& part);

/// Made by the server's backupbot, which abra calls: what the labels mean and their hooks are
/// backupbot's, and so is what it stores, which nothing of abra's removes. What is not there yet
/// before the hooks has no marker.
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
