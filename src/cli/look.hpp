#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/colour.hpp"

namespace ccci::cli {

/// How results are shown to whoever reads them.
struct Look {
    std::optional<std::size_t> width = {};   ///< columns; nullopt: whole values, however long
    std::optional<std::size_t> height = {};  ///< lines; nullopt: no terminal
    bool colour = false;
    bool unicode = false;

    [[nodiscard]] std::string_view ellipsis() const { return unicode ? "…" : "~"; }
    /// The text, in that colour if there are colours.
    [[nodiscard]] std::string painted(std::string_view text, base::Colour wanted) const;
};

/// For a descriptor that is a terminal as wide as that, with colours unless NO_COLOR is set or TERM
/// is dumb; anything else gets whole values without colours. "…" where the locale has UTF-8.
Look look_of(int fd, const std::vector<std::string>& environment);

}  // namespace ccci::cli
