#include "keeper/queue.hpp"

#include <gtest/gtest.h>

#include "base/text.hpp"

namespace ccci::keeper {
namespace {

using etcd::Event;
using etcd::KeyValue;

lease::Claimant run(const std::string& id, bool supersedes = false) {
    return {.run = id,
            .host = "ci-1",
            .unit = "",
            .user = "",
            .since = base::parse_time("2026-03-01T09:22:30Z"),
            .supersedes = supersedes};
}

std::string key_of(std::int64_t lease) {
    return claim_key("/cc-ci/", "app.ci.test", lease);
}

KeyValue claim(std::int64_t lease, std::int64_t revision, const lease::Claimant& claimant) {
    return {.key = key_of(lease),
            .value = encode(claimant),
            .create_revision = revision,
            .mod_revision = revision,
            .version = 1,
            .lease = lease};
}

Event put(const KeyValue& value) {
    return {.kind = Event::Kind::put, .value = value};
}

Event deleted(const std::string& key) {
    return {.kind = Event::Kind::deleted, .value = {.key = key}};
}

class QueueTest : public testing::Test {
protected:
    Queue queue_{domain_prefix("/cc-ci/", "app.ci.test")};
};

TEST_F(QueueTest, NamesItsKeys) {
    EXPECT_EQ(domain_prefix("/cc-ci/", "app.ci.test"), "/cc-ci/app.ci.test/");
    EXPECT_EQ(key_of(0x1f), "/cc-ci/app.ci.test/queue/000000000000001f");
    EXPECT_EQ(unfinished_key("/cc-ci/", "app.ci.test"), "/cc-ci/app.ci.test/unfinished");
}

TEST_F(QueueTest, GivesTheDomainToTheLowestRevisionWhateverTheNameOfItsKey) {
    queue_.replace({claim(1, 12, run("b")), claim(2, 10, run("a")), claim(3, 15, run("c"))});

    EXPECT_EQ(queue_.place_of(key_of(2))->before, 0U);
    EXPECT_FALSE(queue_.place_of(key_of(2))->holder);
    EXPECT_EQ(queue_.place_of(key_of(1))->before, 1U);
    EXPECT_EQ(queue_.place_of(key_of(3))->before, 2U);
    EXPECT_EQ(queue_.place_of(key_of(3))->holder->claimant.run, "a");
    EXPECT_EQ(queue_.place_of(key_of(3))->revision, 15);
}

TEST_F(QueueTest, MovesUpWhenOneBeforeUsGoes) {
    queue_.replace({claim(2, 10, run("a")), claim(1, 12, run("b"))});
    queue_.apply(put(claim(3, 15, run("c"))));

    queue_.apply(deleted(key_of(1)));
    EXPECT_EQ(queue_.place_of(key_of(3))->before, 1U);
    queue_.apply(deleted(key_of(2)));
    EXPECT_EQ(queue_.place_of(key_of(3))->before, 0U);
}

TEST_F(QueueTest, KnowsNoPlaceForOneThatIsGone) {
    queue_.replace({claim(2, 10, run("a"))});
    queue_.apply(deleted(key_of(2)));

    EXPECT_FALSE(queue_.place_of(key_of(2)));
    EXPECT_FALSE(queue_.place_of(key_of(9)));
}

TEST_F(QueueTest, KeepsThePlaceOfAClaimThatIsPutOnceMore) {
    KeyValue again = claim(2, 10, run("a"));
    again.mod_revision = 20;
    again.version = 2;
    queue_.replace({claim(2, 10, run("a")), claim(1, 12, run("b"))});

    queue_.apply(put(again));

    EXPECT_EQ(queue_.place_of(key_of(2))->before, 0U);
    EXPECT_EQ(queue_.claims().size(), 2U);
}

TEST_F(QueueTest, IsSupersededByALaterClaimOnly) {
    queue_.replace({claim(1, 10, run("a", true)), claim(2, 12, run("b"))});
    EXPECT_FALSE(queue_.place_of(key_of(1))->superseded_by) << "by itself";
    EXPECT_FALSE(queue_.place_of(key_of(2))->superseded_by) << "by an earlier one";

    queue_.apply(put(claim(3, 15, run("c", true))));

    EXPECT_EQ(queue_.place_of(key_of(1))->superseded_by->claimant.run, "c");
    EXPECT_EQ(queue_.place_of(key_of(2))->superseded_by->claimant.run, "c");
    EXPECT_FALSE(queue_.place_of(key_of(3))->superseded_by);
}

TEST_F(QueueTest, RemembersThatSomebodyDidNotFinish) {
    EXPECT_FALSE(queue_.is_unfinished());
    queue_.apply(put({.key = "/cc-ci/app.ci.test/unfinished"}));
    EXPECT_TRUE(queue_.is_unfinished());
    EXPECT_FALSE(queue_.has_own_teardown());
    queue_.apply(put({.key = own_teardown_key("/cc-ci/", "app.ci.test")}));
    EXPECT_TRUE(queue_.has_own_teardown());
    queue_.apply(deleted("/cc-ci/app.ci.test/own_teardown"));
    EXPECT_FALSE(queue_.has_own_teardown());
    queue_.apply(deleted("/cc-ci/app.ci.test/unfinished"));
    EXPECT_FALSE(queue_.is_unfinished());
}

TEST_F(QueueTest, TakesAClaimThatNobodyCanReadForOne) {
    KeyValue odd = claim(2, 10, run("a"));
    odd.value = "\xff";
    queue_.replace({odd, claim(1, 12, run("b"))});

    EXPECT_EQ(queue_.place_of(key_of(1))->before, 1U);
    EXPECT_EQ(queue_.place_of(key_of(1))->holder->claimant.run, "?");
}

TEST_F(QueueTest, PassesOverKeysOfOthers) {
    queue_.replace({{.key = "/cc-ci/app.ci.test.example/queue/1", .create_revision = 1},
                    {.key = "/cc-ci/app.ci.test/other", .create_revision = 2}});

    EXPECT_TRUE(queue_.claims().empty());
    EXPECT_FALSE(queue_.is_unfinished());
}

}  // namespace
}  // namespace ccci::keeper
