#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace ccci::fuzz {

/// What a target is: called with each input, in one process. Whatever it throws, and whatever
/// require() finds, is a bug in the product.
void check(std::string_view input);

/// Ends the process unless the property holds; `shown` is what it does not hold for.
void require(bool holds, std::string_view property, std::string_view shown = {});

/// Takes the first byte away, for choosing between a few cases; 0 when there is none.
std::uint8_t take_byte(std::string_view& input);

/// Takes the first line away, without its end.
std::string take_line(std::string_view& input);

/// True for text that may go into a message as it is: one line of printable ASCII.
bool is_printable(std::string_view text);

/// A regular file without a name that holds these bytes, for code that takes a path.
class FileOf {
public:
    explicit FileOf(std::string_view bytes);
    FileOf(const FileOf&) = delete;
    FileOf& operator=(const FileOf&) = delete;
    ~FileOf();

    [[nodiscard]] const std::string& path() const { return path_; }

private:
    int fd_;
    std::string path_;
};

/// A directory in memory, for all inputs of this process; removed at its end.
const std::string& scratch_directory();

}  // namespace ccci::fuzz
