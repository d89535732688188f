#include "platform/volume_directory.hpp"

#include <fmt/format.h>

#include <stdexcept>
#include <system_error>

#include "base/text.hpp"

namespace ccci::platform {

bool is_volume_here(const std::filesystem::path& directory) {
    if (!directory.is_absolute()) {
        return false;
    }
    std::error_code error;
    const bool is_here = std::filesystem::is_directory(directory, error);
    if (error == std::errc::permission_denied) {
        throw std::runtime_error{
            fmt::format("open volume {}: {}; only root can back up, and bring back, what is in a "
                        "volume of Docker's",
                        base::printable(directory.native(), 200), error.message())};
    }
    return is_here;
}

}  // namespace ccci::platform
