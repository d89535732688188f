#include "run/retention.hpp"

#include <gtest/gtest.h>

namespace ccci::run {
namespace {

using namespace std::chrono_literals;
using Ids = std::vector<std::string>;

const Time k_now = Time{} + 24h * 10000;

/// In no order: "b" ended three days ago, "a" two, "d" one, and "c" will have ended tomorrow.
std::vector<PastRun> some() {
    return {{"a", k_now - 48h}, {"b", k_now - 72h}, {"c", k_now + 24h}, {"d", k_now - 24h}};
}

TEST(RetentionTest, KeepsAllWithoutALimit) {
    EXPECT_EQ(expired(some(), {}, k_now), Ids{});
}

TEST(RetentionTest, KeepsTheYoung) {
    EXPECT_EQ(expired(some(), {.longest = 47h, .most = {}}, k_now), (Ids{"b", "a"}));
    EXPECT_EQ(expired(some(), {.longest = 48h, .most = {}}, k_now), Ids{"b"});
    EXPECT_EQ(expired(some(), {.longest = 72h, .most = {}}, k_now), Ids{});
    EXPECT_EQ(expired(some(), {.longest = 1us, .most = {}}, k_now), (Ids{"b", "a", "d"}));
}

TEST(RetentionTest, KeepsTheLast) {
    EXPECT_EQ(expired(some(), {.longest = {}, .most = 0}, k_now), (Ids{"b", "a", "d", "c"}));
    EXPECT_EQ(expired(some(), {.longest = {}, .most = 1}, k_now), (Ids{"b", "a", "d"}));
    EXPECT_EQ(expired(some(), {.longest = {}, .most = 4}, k_now), Ids{});
    EXPECT_EQ(expired(some(), {.longest = {}, .most = 99}, k_now), Ids{});
    EXPECT_EQ(expired({}, {.longest = {}, .most = 0}, k_now), Ids{});
}

TEST(RetentionTest, OfTwoLimitsEitherCounts) {
    EXPECT_EQ(expired(some(), {.longest = 47h, .most = 3}, k_now), (Ids{"b", "a"}));
    EXPECT_EQ(expired(some(), {.longest = 60h, .most = 2}, k_now), (Ids{"b", "a"}));
}

}  // namespace
}  // namespace ccci::run
