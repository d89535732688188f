#pragma once

#include <string>
#include <string_view>

namespace ccci::platform {

/// For the output of abra: shows it on our stdout line by line, as plain_line() has it, as long as
/// somebody reads. Remembers why abra gave up.
class ShownLines {
public:
    void take(std::string_view output);
    /// Shows what is left of a last line without an end.
    void finish();

    /// As fatal_line() has it.
    [[nodiscard]] const std::string& last_fatal() const { return last_fatal_; }

private:
    void show();

    std::string line_;
    std::string last_fatal_;
};

}  // namespace ccci::platform
