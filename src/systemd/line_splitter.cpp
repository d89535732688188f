#include "systemd/line_splitter.hpp"

#include <algorithm>
#include <utility>

namespace ccci::systemd {

std::optional<std::string_view> LineSplitter::next(std::string_view& bytes) {
    if (std::exchange(used_, false)) {
        kept_.clear();
    }
    if (bytes.empty()) {
        return std::nullopt;
    }
    // One more than fits may be the line's end, and then it is no piece but a line.
    const std::string_view seen = bytes.substr(0, longest_ - kept_.size() + 1);
    const std::size_t end = seen.find('\n');
    if (end == std::string_view::npos && kept_.size() + bytes.size() <= longest_) {
        kept_ += bytes;
        bytes = {};
        return std::nullopt;
    }
    const std::string_view piece = seen.substr(0, std::min(end, seen.size() - 1));
    bytes.remove_prefix(piece.size() + (end == std::string_view::npos ? 0 : 1));
    if (kept_.empty()) {
        return piece;
    }
    kept_ += piece;
    used_ = true;
    return kept_;
}

std::optional<std::string_view> LineSplitter::rest() {
    if (used_ || kept_.empty()) {
        return std::nullopt;
    }
    used_ = true;
    return kept_;
}

}  // namespace ccci::systemd
