#include "cli/table.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

#include "cli/text_width.hpp"

namespace ccci::cli {

namespace {

constexpr std::size_t k_gap = 2;

std::string line_of(const std::vector<Cell>& cells, const std::vector<std::size_t>& widths,
                    const Look& look) {
    std::string line;
    std::size_t used = 0;
    std::size_t due = 0;  // blanks that only a further cell needs
    for (std::size_t i = 0; i < cells.size(); ++i) {
        std::size_t room = widths[i];
        if (look.width) {
            const std::size_t at = used + due;
            room = std::min(room, *look.width - std::min(*look.width, at));
        }
        const std::string text = shorten(cells[i].text, room, look.ellipsis());
        const std::size_t width = width_of(text);
        if (width > 0) {
            line.append(due, ' ').append(look.painted(text, cells[i].colour));
            used += due + width;
            due = 0;
        }
        due += widths[i] - width + k_gap;
    }
    return line;
}

}  // namespace

std::vector<std::size_t> Table::widths(const Look& look, bool with_header) const {
    std::vector<std::size_t> widths(columns_.size(), 0);
    for (std::size_t i = 0; i < columns_.size(); ++i) {
        widths[i] = with_header ? width_of(columns_[i].name) : 0;
        for (const std::vector<Cell>& row : rows_) {
            widths[i] = std::max(widths[i], width_of(row[i].text));
        }
    }
    if (!look.width || widths.empty()) {
        return widths;
    }
    const std::size_t gaps = k_gap * (widths.size() - 1);
    std::size_t whole = std::accumulate(widths.begin(), widths.end(), gaps);
    for (; whole > *look.width; --whole) {
        std::size_t* widest = nullptr;
        for (std::size_t i = 0; i < columns_.size(); ++i) {
            const bool may = columns_[i].least > 0 && widths[i] > columns_[i].least;
            if (may && (widest == nullptr || widths[i] >= *widest)) {
                widest = &widths[i];
            }
        }
        if (widest == nullptr) {
            break;
        }
        --*widest;
    }
    return widths;
}

std::vector<std::string> Table::lines(const Look& look, bool with_header) const {
    const std::vector<std::size_t> wide = widths(look, with_header);
    std::vector<std::string> lines;
    if (with_header) {
        std::vector<Cell> header;
        for (const Column& column : columns_) {
            header.push_back({column.name, base::Colour::bold});
        }
        lines.push_back(line_of(header, wide, look));
    }
    for (const std::vector<Cell>& row : rows_) {
        lines.push_back(line_of(row, wide, look));
    }
    return lines;
}

}  // namespace ccci::cli
