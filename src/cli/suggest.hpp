#pragma once

#include <CLI/CLI.hpp>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace ccci::cli {

/// How many letters must be inserted, left out, replaced or swapped with their neighbour to make
/// one word of the other.
std::size_t edit_distance(std::string_view one, std::string_view other);

/// Those that may have been meant by `word`: a third of its letters may be wrong. The nearest come
/// first, of equals those that come first in `known`.
std::vector<std::string> nearest(std::string_view word, const std::vector<std::string>& known,
                                 std::size_t most = 3);

/// "; did you mean 'a' or 'b'?", or `otherwise` when nothing is near.
std::string did_you_mean(std::string_view word, const std::vector<std::string>& known,
                         const std::string& otherwise);

/// What to say of the first argument that the parser did not expect; empty: there is none. `whole`
/// is the program with all its commands.
std::string explain_unexpected(const CLI::App& program, const CLI::App& whole);

}  // namespace ccci::cli
