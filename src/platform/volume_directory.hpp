#pragma once

#include <filesystem>

namespace ccci::platform {

/// Whether the directory that Docker names for a volume is one of this host. Throws
/// std::runtime_error where this user may not look: Docker's volumes are root's.
bool is_volume_here(const std::filesystem::path& directory);

}  // namespace ccci::platform
