#pragma once

#include <gtest/gtest.h>

#include <string>

#include "health/check.hpp"

namespace ccci::health {

/// Shown by a test that fails.
inline void PrintTo(const Check& check, std::ostream* out) {
    *out << check.name << ": " << to_string(check.status) << ": " << check.found;
    if (check.fix) {
        *out << " (" << check.fix->text << ")";
    }
}

}  // namespace ccci::health

namespace ccci::test {

/// The one of that name; a test fails where there is none, or more.
inline health::Check find_check(const health::Checks& checks, const std::string& name) {
    health::Check found;
    int count = 0;
    for (const health::Check& check : checks) {
        if (check.name == name) {
            found = check;
            ++count;
        }
    }
    EXPECT_EQ(count, 1) << name;
    return found;
}

/// What is not well has a reason and a way to mend it; what is well needs none.
inline void expect_complete(const health::Check& check) {
    EXPECT_FALSE(check.name.empty());
    EXPECT_FALSE(check.found.empty()) << check.name;
    EXPECT_FALSE(check.why.empty()) << check.name;
    const bool is_well =
        check.status == health::Status::ok || check.status == health::Status::skipped;
    EXPECT_EQ(check.fix.has_value(), !is_well) << check.name;
    EXPECT_FALSE(check.fix && check.fix->text.empty()) << check.name;
}

}  // namespace ccci::test
