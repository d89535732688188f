#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "base/colour.hpp"
#include "cli/look.hpp"

namespace ccci::cli {

struct Cell {
    std::string text;
    base::Colour colour = base::Colour::plain;
};

struct Column {
    std::string name;
    /// Where the whole table is too wide, it may be shortened to so many columns; 0: it stays.
    std::size_t least = 0;
};

/// Rows below a header, in columns that are as wide as their widest value. Where that is wider than
/// the look allows, the widest of the columns that may be shortened are, and at last the lines.
class Table {
public:
    explicit Table(std::vector<Column> columns) : columns_{std::move(columns)} {}

    /// As many cells as there are columns; no control characters in them.
    void add(std::vector<Cell> cells) { rows_.push_back(std::move(cells)); }

    [[nodiscard]] bool is_empty() const { return rows_.empty(); }

    /// Without line feeds: the header first, unless it is to be left out.
    [[nodiscard]] std::vector<std::string> lines(const Look& look, bool with_header = true) const;

private:
    [[nodiscard]] std::vector<std::size_t> widths(const Look& look, bool with_header) const;

    std::vector<Column> columns_;
    std::vector<std::vector<Cell>> rows_;
};

}  // namespace ccci::cli
