#include "lease/keeper_line.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "base/text.hpp"

namespace ccci::lease {
namespace {

const Claimant k_somebody{.run = "7",
                          .host = "ci-1",
                          .unit = "",
                          .user = "ci",
                          .since = base::parse_time("2026-03-01T09:22:30Z")};

TEST(KeeperLineTest, IsReadBackAsItWasWritten) {
    const std::vector<KeeperLine> lines{
        Queued{2, k_somebody},
        Queued{1, std::nullopt},
        Held{.lease = 7587870123456789, .revision = 12, .had_predecessor = true},
        Valid{std::chrono::steady_clock::time_point{std::chrono::nanoseconds{1234567890123}}},
        Superseded{k_somebody},
        Trouble{"etcd at http://10.0.0.1:2379: connection refused"},
        Lost{"its lease is gone from etcd"},
        Refused{"taken", true},
        Released{}};

    for (const KeeperLine& line : lines) {
        const std::string text = encode(line);
        ASSERT_TRUE(text.ends_with('\n'));
        EXPECT_EQ(text.find('\n'), text.size() - 1);
        EXPECT_EQ(parse_keeper_line(text.substr(0, text.size() - 1)), line) << text;
    }
}

TEST(KeeperLineTest, IsTroubleWhenAnythingElseIsSaid) {
    for (const char* text : {"cc-ci: out of memory", "{}", "[]", R"({"say":"held"})",
                             R"({"say":"held","lease":1.5,"revision":1,"had_predecessor":false})",
                             R"({"say":"valid","until":"soon"})", R"({"say":"sings"})"}) {
        EXPECT_EQ(parse_keeper_line(text), KeeperLine{Trouble{text}}) << text;
    }
}

TEST(KeeperLineTest, KnowsItsOrders) {
    for (const Order order : {Order::carried, Order::release, Order::leave, Order::withdraw}) {
        const std::string text = encode(order);
        ASSERT_TRUE(text.ends_with('\n'));
        EXPECT_EQ(parse_order(text.substr(0, text.size() - 1)), order);
    }
    EXPECT_FALSE(parse_order("give up"));
}

}  // namespace
}  // namespace ccci::lease
