#include "locks/holder.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <random>

#include "base/text.hpp"

namespace ccci::locks {
namespace {

using namespace std::chrono_literals;
using std::chrono::system_clock;

const Holder k_holder{.run = "290",
                      .unit = "cc-ci-run-290.service",
                      .invocation = "0123456789abcdef",
                      .user = "root",
                      .since = base::parse_time("2026-03-01T09:22:30.125Z"),
                      .until = base::parse_time("2026-03-01T10:42:30Z")};

TEST(HolderTest, IsReadBackAsItWasWritten) {
    Holder unlimited = k_holder;
    unlimited.until.reset();
    unlimited.unit = "";

    EXPECT_EQ(parse_holder(encode(k_holder)), k_holder);
    EXPECT_EQ(parse_holder(encode(unlimited)), unlimited);
    unlimited.own_teardown = true;
    EXPECT_EQ(parse_holder(encode(unlimited)), unlimited);
    EXPECT_EQ(encode(k_holder).find('\n'), encode(k_holder).size() - 1);
}

TEST(HolderTest, IsReadUpToTheFirstLineEnd) {
    EXPECT_EQ(parse_holder(encode(k_holder) + "rest of a longer line\"}\n"), k_holder);
}

TEST(HolderTest, WritesNamesThatAreNoUtf8) {
    Holder holder = k_holder;
    holder.user = "\xff\xfe";

    const auto read = parse_holder(encode(holder));

    ASSERT_TRUE(read);
    EXPECT_EQ(read->run, "290");
}

TEST(HolderTest, IsNobodyForWhatNobodyWrote) {
    const std::string good = encode(k_holder);
    auto json = nlohmann::json::parse(good);
    const auto with = [&](const char* key, const nlohmann::json& value) {
        auto changed = json;
        changed[key] = value;
        return changed.dump() + "\n";
    };
    auto without_run = json;
    without_run.erase("run");
    for (const std::string& text : {std::string{},
                                    std::string{"\n"},
                                    std::string{"4711\n"},
                                    std::string{"null"},
                                    std::string{"[]"},
                                    std::string{"{}"},
                                    std::string{"{"},
                                    std::string(4096, '{'),
                                    std::string(4096, '['),
                                    std::string(4096, '\0'),
                                    std::string{"\xff\xfe\n"},
                                    "\n" + good,
                                    good.substr(0, good.size() / 2),
                                    without_run.dump(),
                                    with("run", 290),
                                    with("since", "yesterday"),
                                    with("since", 0),
                                    with("since", "9999-12-31T23:59:59Z"),
                                    with("since", "0001-01-01T00:00:00Z"),
                                    with("until", nullptr),
                                    with("unit", {})}) {
        EXPECT_FALSE(parse_holder(text)) << text;
    }
}

TEST(HolderTest, SurvivesEveryDamage) {
    const std::string good = encode(k_holder);
    std::minstd_rand random{11};
    for (int round = 0; round < 3000; ++round) {
        std::string text = good.substr(0, random() % (good.size() + 1));
        for (auto changes = random() % 4; changes > 0 && !text.empty(); --changes) {
            text[random() % text.size()] = static_cast<char>(random());
        }
        const auto holder = parse_holder(text);
        (void)describe(holder, system_clock::now());
    }
}

// Case 9, 41.
TEST(DescribeHolderTest, SaysWhoSinceWhenAndUntilWhen) {
    Holder holder = k_holder;
    const auto now = holder.since + 12s;

    EXPECT_EQ(describe(holder, now),
              "run 290 has held it for 12s, at most until " + base::format_clock(*holder.until));
    holder.until.reset();
    EXPECT_EQ(describe(holder, now), "run 290 has held it for 12s");
    holder.run = "janitor";
    EXPECT_EQ(describe(holder, now), "the janitor has held it for 12s");
    EXPECT_EQ(describe(std::nullopt, now), "somebody who did not leave a name holds it");
}

TEST(DescribeHolderTest, IsSafeToPrintWhateverTheFileSays) {
    Holder holder = k_holder;
    holder.run = "1\x1b[2J\n2";
    holder.since = system_clock::time_point{} + std::chrono::hours{24 * 365 * 200};

    const std::string text = describe(holder, system_clock::now());

    EXPECT_EQ(text.find('\x1b'), std::string::npos);
    EXPECT_EQ(text.find('\n'), std::string::npos);
    EXPECT_NE(text.find("held it for 0ms"), std::string::npos) << text;
}

}  // namespace
}  // namespace ccci::locks
