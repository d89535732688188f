#pragma once

#include <stdexcept>

namespace ccci::backup {

/// The recipe's backup does not work: its labels, or what they lead to. The text is a sentence for
/// its maintainer that names the service and the label or the volume. What is wrong with the host
/// or its tools is a std::runtime_error of another kind.
class BackupError : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

}  // namespace ccci::backup
