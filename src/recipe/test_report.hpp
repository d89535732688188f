#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace ccci::recipe {

/// What a test counted inside of itself.
struct Checks {
    int passed = 0;
    int failed = 0;
    int skipped = 0;
    bool operator==(const Checks&) const = default;
    [[nodiscard]] int total() const { return passed + failed + skipped; }
};

/// Finds the Test Anything Protocol in what a test writes (https://testanything.org). It counts
/// only with a plan ("1..4"), for any program may write a line that begins with "ok".
class TapReader {
public:
    /// Any part of the output, in order.
    void feed(std::string_view output);
    /// nullopt: there was no plan. What was planned and did not come has failed, as has a test that
    /// bailed out; a failure that is marked TODO is no failure.
    [[nodiscard]] std::optional<Checks> result();

private:
    void read_line(std::string_view line);

    std::string line_;
    std::optional<int> plan_;
    Checks checks_;
    bool bailed_out_ = false;
};

/// Counts the test cases of a JUnit XML file; nullopt when it is none.
std::optional<Checks> read_junit(const std::string& text);

/// "5 checks", "2 of 5 checks failed".
std::string describe(const Checks& checks);

}  // namespace ccci::recipe
