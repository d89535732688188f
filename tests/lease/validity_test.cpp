#include "lease/validity.hpp"

#include <gtest/gtest.h>

namespace ccci::lease {
namespace {

using namespace std::chrono_literals;

const Validity::Time k_begin{1000s};

TEST(ValidityTest, FencesTheMarginBeforeTheEnd) {
    const Validity validity{k_begin + 60s, 20s};

    EXPECT_EQ(validity.at(k_begin), Standing::valid);
    EXPECT_EQ(validity.at(k_begin + 40s - 1us), Standing::valid);
    EXPECT_EQ(validity.at(k_begin + 40s), Standing::fenced);
    EXPECT_EQ(validity.at(k_begin + 60s - 1us), Standing::fenced);
    EXPECT_EQ(validity.at(k_begin + 60s), Standing::over);
    EXPECT_EQ(validity.fence_at(), k_begin + 40s);
}

TEST(ValidityTest, IsExtendedAndNeverCutShort) {
    Validity validity{k_begin + 60s, 20s};

    validity.extend(k_begin + 90s);
    validity.extend(k_begin + 70s);

    EXPECT_EQ(validity.until(), k_begin + 90s);
    EXPECT_EQ(validity.at(k_begin + 69s), Standing::valid);
}

TEST(ValidityTest, CountsFromTheMomentOfSendingAndTakesTheAllowanceOff) {
    EXPECT_EQ(allowance(100s), 2s);
    EXPECT_EQ(valid_until(k_begin, 100s), k_begin + 98s);
}

TEST(ValidityTest, LeavesRoomForSeveralAttemptsBeforeTheFence) {
    // The margin is half of the lease at most.
    const auto ttl = 60s;
    const Validity validity{valid_until(k_begin, ttl), ttl / 2};

    EXPECT_GE(validity.fence_at() - k_begin, 2 * keep_alive_interval(ttl));
}

}  // namespace
}  // namespace ccci::lease
