#pragma once

#include <string>
#include <vector>

#include "backup/labels.hpp"
#include "backup/snapshot.hpp"
#include "recipe/app_backup.hpp"

namespace ccci::recipe {

/// Made by cc-ci itself: archives in the run directory or in the operator's restic repository,
/// which remove_backup() removes.
class OwnBackup : public AppBackup {
public:
    OwnBackup(const RecipeRun& run, std::vector<backup::ServicePlan> plans);

    void make(RecipeRun& run) override;
    void restore(RecipeRun& run) override;
    [[nodiscard]] const backup::MarkedParts& marked() const override { return snapshot_.marked(); }
    [[nodiscard]] std::string advice() const override;

private:
    void take_snapshot(RecipeRun& run);

    std::vector<backup::ServicePlan> plans_;
    backup::Snapshot snapshot_;
    std::string restic_id_;  ///< empty: the snapshot is in the run directory
};

}  // namespace ccci::recipe
