#include "etcd/client.hpp"

#include <gtest/gtest.h>

#include "etcd/asking.hpp"
#include "etcd/heard.hpp"

namespace ccci::etcd {
namespace {

using namespace std::chrono_literals;
using Kind = Failure::Kind;

class EtcdClientTest : public testing::Test {
protected:
    void SetUp() override {
        if (!test::EtcdServer::is_installed()) {
            GTEST_SKIP() << "needs etcd, etcdctl and openssl";
        }
        server_.emplace();
        asking_.emplace(server_->settings());
    }

    Asking& etcd() { return *asking_; }
    Client& client() { return asking_->client; }

    std::optional<test::EtcdServer> server_;
    std::optional<Asking> asking_;
};

TEST_F(EtcdClientTest, KeepsALeaseAliveAndRevokesItWithItsKeys) {
    const auto lease = std::get<Lease>(etcd().grant(60s));
    EXPECT_EQ(lease.ttl, 60s);
    EXPECT_GT(std::get<TransactionAnswer>(etcd().put("/a", "1", lease.id)).revision, 0);

    EXPECT_EQ(std::get<std::chrono::seconds>(etcd().keep_alive(lease.id)), 60s);
    EXPECT_TRUE(std::holds_alternative<std::monostate>(etcd().revoke(lease.id)));

    EXPECT_TRUE(std::get<Range>(etcd().range(Keys::one("/a"))).values.empty());
    EXPECT_EQ(std::get<std::chrono::seconds>(etcd().keep_alive(lease.id)), 0s);
    EXPECT_EQ(std::get<Failure>(etcd().revoke(lease.id)).kind, Kind::not_found);
    EXPECT_EQ(std::get<Failure>(etcd().put("/a", "1", lease.id)).kind, Kind::not_found);
}

TEST_F(EtcdClientTest, SeesTheKeysOfALeaseThatNobodyKeepsAliveGo) {
    const auto lease = std::get<Lease>(etcd().grant(1s));
    const auto put = std::get<TransactionAnswer>(etcd().put("/a", "1", lease.id));
    Heard heard;

    const Watch watch =
        client().watch(Keys::one("/a"), put.revision + 1, heard.on_events(), heard.on_end());

    EXPECT_TRUE(etcd().turn_until([&] { return !heard.events.empty(); }));
    EXPECT_EQ(heard.keys(), (std::vector<std::string>{"-/a"}));
    EXPECT_EQ(std::get<std::chrono::seconds>(etcd().keep_alive(lease.id)), 0s);
}

TEST_F(EtcdClientTest, CommitsWhatItsComparesAllow) {
    const Transaction create{.compares = {{.keys = Keys::one("/a")}},
                             .then = {Put{"/a", std::string{"b\0\xff", 3}}},
                             .otherwise = {Get{Keys::prefix("/")}}};

    const auto first = std::get<TransactionAnswer>(etcd().commit(create));
    const auto second = std::get<TransactionAnswer>(etcd().commit(create));

    EXPECT_TRUE(first.succeeded);
    EXPECT_FALSE(second.succeeded);
    EXPECT_EQ(second.revision, first.revision);
    const KeyValue expected{.key = "/a",
                            .value = {"b\0\xff", 3},
                            .create_revision = first.revision,
                            .mod_revision = first.revision,
                            .version = 1};
    EXPECT_EQ(second.values, (std::vector<std::vector<KeyValue>>{{expected}}));
}

TEST_F(EtcdClientTest, ComparesEveryField) {
    const auto lease = std::get<Lease>(etcd().grant(60s));
    (void)etcd().put("/a", "1");
    const auto put = std::get<TransactionAnswer>(etcd().put("/a", "2", lease.id));
    const auto holds = [&](Compare::Field field, Compare::Relation relation, std::int64_t number) {
        return std::get<TransactionAnswer>(
                   etcd().commit({.compares = {{Keys::one("/a"), field, relation, number}}}))
            .succeeded;
    };
    using Field = Compare::Field;
    using Relation = Compare::Relation;

    EXPECT_TRUE(holds(Field::version, Relation::equal, 2));
    EXPECT_FALSE(holds(Field::version, Relation::not_equal, 2));
    EXPECT_TRUE(holds(Field::mod_revision, Relation::equal, put.revision));
    EXPECT_TRUE(holds(Field::create_revision, Relation::less, put.revision));
    EXPECT_FALSE(holds(Field::create_revision, Relation::greater, put.revision));
    EXPECT_TRUE(holds(Field::lease, Relation::equal, lease.id));
    EXPECT_FALSE(holds(Field::lease, Relation::equal, 0));
}

TEST_F(EtcdClientTest, RefusesATransactionThatPutsAKeyTwice) {
    const auto failure =
        std::get<Failure>(etcd().commit({.then = {Put{"/a", "1"}, Put{"/a", "2"}}}));

    EXPECT_EQ(failure.kind, Kind::refused);
    EXPECT_EQ(failure.text, "etcd at " + server_->endpoint() +
                                ": etcdserver: duplicate key given in txn request");
    EXPECT_FALSE(failure.may_have_happened);
}

TEST_F(EtcdClientTest, DeletesAndReadsByPrefix) {
    (void)etcd().commit({.then = {Put{"/a/1"}, Put{"/a/2"}, Put{"/b"}}});

    const auto before = std::get<Range>(etcd().range(Keys::prefix("/a/")));
    (void)etcd().commit({.then = {Delete{Keys::prefix("/a/")}}});
    const auto after = std::get<Range>(etcd().range(Keys::prefix("/")));

    EXPECT_EQ(before.values.size(), 2U);
    ASSERT_EQ(after.values.size(), 1U);
    EXPECT_EQ(after.values[0].key, "/b");
    EXPECT_EQ(after.revision, before.revision + 1);
}

TEST_F(EtcdClientTest, WatchesFromARevisionOn) {
    (void)etcd().put("/a", "before");
    const auto range = std::get<Range>(etcd().range(Keys::prefix("/")));
    (void)etcd().put("/b", "in between");
    Heard heard;

    const Watch watch =
        client().watch(Keys::prefix("/"), range.revision + 1, heard.on_events(), heard.on_end());
    (void)etcd().put("/c", "after");
    (void)etcd().commit({.then = {Delete{Keys::one("/a")}, Put{"/d"}}});

    EXPECT_TRUE(etcd().turn_until([&] { return heard.events.size() == 4; }));
    EXPECT_EQ(heard.keys(), (std::vector<std::string>{"+/b", "+/c", "-/a", "+/d"}));
    EXPECT_EQ(heard.revisions.front(), range.revision) << "the watch stands, nothing came yet";
    EXPECT_TRUE(std::ranges::is_sorted(heard.revisions));
    EXPECT_FALSE(heard.end);
}

TEST_F(EtcdClientTest, CatchesUpWithMoreRevisionsThanFitIntoABatch) {
    const auto range = std::get<Range>(etcd().range(Keys::prefix("/")));
    constexpr int k_count = 1100;  // etcd sends those of a thousand revisions at a time
    int answers = 0;
    for (int i = 0; i < k_count; ++i) {
        client().commit({.then = {Put{"/a", std::to_string(i)}}},
                        [&](const Answer<TransactionAnswer>& answer) {
                            EXPECT_TRUE(std::holds_alternative<TransactionAnswer>(answer));
                            ++answers;
                        });
        if (i % 100 == 99) {
            ASSERT_TRUE(etcd().turn_until([&] { return answers == i + 1; }));
        }
    }
    Heard heard;

    const Watch watch =
        client().watch(Keys::prefix("/"), range.revision + 1, heard.on_events(), heard.on_end());

    EXPECT_TRUE(etcd().turn_until([&] { return heard.events.size() == k_count; }));
    for (std::size_t i = 0; i < heard.events.size(); ++i) {
        ASSERT_EQ(heard.events[i].value.mod_revision,
                  range.revision + 1 + static_cast<std::int64_t>(i));
    }
    EXPECT_TRUE(std::ranges::is_sorted(heard.revisions));
}

TEST_F(EtcdClientTest, EndsAWatchOfWhatIsCompacted) {
    (void)etcd().put("/a", "1");
    const auto put = std::get<TransactionAnswer>(etcd().put("/a", "2"));
    (void)server_->control({"compaction", std::to_string(put.revision)});
    Heard heard;

    const Watch watch = client().watch(Keys::one("/a"), 1, heard.on_events(), heard.on_end());

    ASSERT_TRUE(etcd().turn_until([&] { return heard.end.has_value(); }));
    EXPECT_EQ(heard.end->kind, Kind::compacted);
    EXPECT_TRUE(heard.events.empty());
}

TEST_F(EtcdClientTest, HearsNothingOfAWatchThatIsDestroyed) {
    Heard heard;
    Heard other;
    Watch watch = client().watch(Keys::one("/a"), 1, heard.on_events(), heard.on_end());
    const Watch second = client().watch(Keys::one("/a"), 1, other.on_events(), other.on_end());
    ASSERT_TRUE(etcd().turn_until([&] { return heard.stands && other.stands; }));

    watch = Watch{};
    (void)etcd().put("/a", "1");

    ASSERT_TRUE(etcd().turn_until([&] { return other.events.size() == 1; }));
    EXPECT_TRUE(heard.events.empty());
    EXPECT_FALSE(heard.end);
}

TEST_F(EtcdClientTest, LetsAWatchBeDestroyedFromWithin) {
    Watch watch;
    bool is_over = false;
    watch = client().watch(
        Keys::one("/a"), 1,
        [&](const Batch& batch) {
            EXPECT_FALSE(is_over);
            if (!batch.events.empty()) {
                watch = Watch{};
                is_over = true;
            }
        },
        [](const Failure&) { FAIL() << "nobody is called any more"; });
    (void)etcd().commit({.then = {Put{"/a", "1"}}});

    EXPECT_TRUE(etcd().turn_until([&] { return is_over; }));
    (void)etcd().put("/a", "2");
}

TEST_F(EtcdClientTest, EndsAWatchWithItsMember) {
    Heard heard;
    const Watch watch = client().watch(Keys::one("/a"), 1, heard.on_events(), heard.on_end());
    ASSERT_TRUE(etcd().turn_until([&] { return heard.stands; }));

    server_->kill();

    ASSERT_TRUE(etcd().turn_until([&] { return heard.end.has_value(); }));
    EXPECT_EQ(heard.end->kind, Kind::unreachable);
    EXPECT_TRUE(heard.end->text.starts_with("etcd at " + server_->endpoint() + ": "))
        << heard.end->text;
}

TEST_F(EtcdClientTest, SaysThatNobodyAnswersAndFindsTheMemberAgain) {
    const auto lease = std::get<Lease>(etcd().grant(60s));
    server_->kill();

    const auto failure = std::get<Failure>(etcd().put("/a", "1"));
    server_->restart();

    EXPECT_EQ(failure.kind, Kind::unreachable);
    EXPECT_EQ(failure.text, "etcd at " + server_->endpoint() + ": Connection refused");
    EXPECT_FALSE(failure.may_have_happened);
    EXPECT_EQ(std::get<std::chrono::seconds>(etcd().keep_alive(lease.id)), 60s);
}

TEST_F(EtcdClientTest, SpeaksOfAFullDatabaseAndStillDeletes) {
    const test::EtcdServer small{{.arguments = {"--quota-backend-bytes", "200000"}}};
    Asking asking{small.settings()};
    const auto lease = std::get<Lease>(asking.grant(60s));
    (void)asking.put("/mine", "1", lease.id);
    Answer<TransactionAnswer> answer;
    do {
        answer = asking.put("/a", std::string(20'000, 'x'));
    } while (std::holds_alternative<TransactionAnswer>(answer));

    EXPECT_EQ(std::get<Failure>(answer).kind, Kind::no_space);
    EXPECT_FALSE(std::get<Failure>(answer).may_have_happened);
    EXPECT_EQ(std::get<Failure>(asking.grant(60s)).kind, Kind::no_space);
    EXPECT_EQ(std::get<std::chrono::seconds>(asking.keep_alive(lease.id)), 60s);
    EXPECT_TRUE(std::holds_alternative<TransactionAnswer>(
        asking.commit({.then = {Delete{Keys::one("/mine")}}})));
    EXPECT_TRUE(std::holds_alternative<std::monostate>(asking.revoke(lease.id)));
}

TEST(EtcdClientWithoutServerTest, NeedsAnEndpoint) {
    event::Loop loop;

    EXPECT_THROW((Client{loop, Settings{}}), std::invalid_argument);
}

TEST(EtcdClientWithoutServerTest, CallsNobodyWhenItIsDestroyed) {
    event::Loop loop;
    {
        Client client{loop, {.endpoints = {"http://127.0.0.1:1"}}};
        client.range("/", [](const Answer<Range>&) { FAIL() << "is gone"; });
    }
    const event::Source soon = loop.after(10ms, [&] { loop.stop(); });

    loop.run();
}

}  // namespace
}  // namespace ccci::etcd
