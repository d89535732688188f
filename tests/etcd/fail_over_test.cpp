#include <gtest/gtest.h>

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "etcd/asking.hpp"
#include "etcd/heard.hpp"

namespace ccci::etcd {
namespace {

using namespace std::chrono_literals;
using Kind = Failure::Kind;

/// Three members, and a client that asks a follower first, and the leader last.
class EtcdFailOverTest : public testing::Test {
protected:
    void SetUp() override {
        if (!test::EtcdServer::is_installed()) {
            GTEST_SKIP() << "needs etcd, etcdctl and openssl";
        }
        server_.emplace(test::EtcdServer::Options{.members = 3});
        leader_ = server_->leader();
        front_ = (leader_ + 1) % 3;
        next_ = (leader_ + 2) % 3;
        asking_.emplace(settings({front_, next_, leader_}));
    }

    Settings settings(const std::vector<std::size_t>& members) {
        Settings settings;
        settings.request_limit = 2s;
        for (const std::size_t member : members) {
            settings.endpoints.push_back(server_->endpoint(member));
        }
        return settings;
    }

    /// Asks until the members have elected somebody.
    template <typename Ask>
    auto once_it_works(Ask ask) {
        const auto until = std::chrono::steady_clock::now() + test::k_patience;
        auto answer = ask();
        while (std::holds_alternative<Failure>(answer) &&
               std::chrono::steady_clock::now() < until) {
            EXPECT_EQ(std::get<Failure>(answer).kind, Kind::unreachable);
            answer = ask();
        }
        return answer;
    }

    Asking& etcd() { return *asking_; }
    Client& client() { return asking_->client; }

    std::optional<test::EtcdServer> server_;
    std::size_t leader_ = 0;
    std::size_t front_ = 0;
    std::size_t next_ = 0;
    std::optional<Asking> asking_;
};

TEST_F(EtcdFailOverTest, AsksTheNextMemberInPlaceOfADeadOneWhileThereIsOne) {
    server_->kill(front_);

    EXPECT_TRUE(std::holds_alternative<TransactionAnswer>(etcd().put("/a", "1")));
    EXPECT_EQ(std::get<Range>(etcd().range(Keys::one("/a"))).values.size(), 1U);

    server_->kill(next_);
    server_->kill(leader_);
    const auto failure = std::get<Failure>(etcd().put("/a", "2"));
    EXPECT_EQ(failure.kind, Kind::unreachable);
    EXPECT_EQ(failure.text, "etcd at " + server_->endpoint(front_) + ": Connection refused");
    EXPECT_FALSE(failure.may_have_happened);
}

TEST_F(EtcdFailOverTest, FindsTheNewLeaderOfALeaseWhenTheOldOneDies) {
    const auto lease = std::get<Lease>(etcd().grant(60s));

    server_->kill(leader_);

    EXPECT_EQ(
        std::get<std::chrono::seconds>(once_it_works([&] { return etcd().keep_alive(lease.id); })),
        60s);
    EXPECT_TRUE(std::holds_alternative<TransactionAnswer>(
        once_it_works([&] { return etcd().put("/a", "1", lease.id); })));
}

TEST_F(EtcdFailOverTest, GoesOnWhenTheLeaderIsMoved) {
    const auto lease = std::get<Lease>(etcd().grant(60s));
    Heard heard;
    const Watch watch = client().watch(Keys::prefix("/"), 1, heard.on_events(), heard.on_end());
    ASSERT_TRUE(etcd().turn_until([&] { return heard.stands; }));
    const auto status = nlohmann::json::parse(
        server_->control({"endpoint", "status", "--write-out", "json"}, front_));
    const auto id = status[0]["Status"]["header"]["member_id"].get<std::uint64_t>();

    (void)server_->control({"move-leader", fmt::format("{:x}", id)}, leader_);

    EXPECT_EQ(server_->leader(), front_);
    EXPECT_EQ(
        std::get<std::chrono::seconds>(once_it_works([&] { return etcd().keep_alive(lease.id); })),
        60s);
    EXPECT_TRUE(std::holds_alternative<TransactionAnswer>(
        once_it_works([&] { return etcd().put("/a", "1", lease.id); })));
    EXPECT_TRUE(etcd().turn_until([&] { return !heard.events.empty(); }));
    EXPECT_FALSE(heard.end);
}

TEST_F(EtcdFailOverTest, LeavesAMemberThatIsStoppedAndEndsItsWatches) {
    const auto lease = std::get<Lease>(etcd().grant(60s));
    Heard heard;
    const Watch watch = client().watch(Keys::prefix("/"), 1, heard.on_events(), heard.on_end());
    ASSERT_TRUE(etcd().turn_until([&] { return heard.stands; }));

    server_->stop(front_);

    EXPECT_EQ(std::get<std::chrono::seconds>(etcd().keep_alive(lease.id)), 60s);
    ASSERT_TRUE(heard.end);
    EXPECT_EQ(heard.end->kind, Kind::unreachable);
    EXPECT_EQ(heard.end->text, "etcd at " + server_->endpoint(front_) + ": no answer in time");
    server_->resume(front_);
}

TEST_F(EtcdFailOverTest, EndsAWatchThatNeverStands) {
    server_->stop(front_);
    Heard heard;

    const Watch watch = client().watch(Keys::prefix("/"), 1, heard.on_events(), heard.on_end());

    ASSERT_TRUE(etcd().turn_until([&] { return heard.end.has_value(); }));
    EXPECT_FALSE(heard.stands);
    EXPECT_EQ(heard.end->kind, Kind::unreachable);
    // The next one is on another member.
    Heard again;
    const Watch second = client().watch(Keys::prefix("/"), 1, again.on_events(), again.on_end());
    EXPECT_TRUE(etcd().turn_until([&] { return again.stands; }));
    server_->resume(front_);
}

TEST_F(EtcdFailOverTest, DoesNotRepeatATransactionThatMayHappenYet) {
    server_->stop(front_);

    const auto failure = std::get<Failure>(etcd().put("/a", "1"));

    EXPECT_EQ(failure.kind, Kind::unreachable);
    EXPECT_TRUE(failure.may_have_happened);
    EXPECT_TRUE(std::get<Range>(etcd().range(Keys::one("/a"))).values.empty());
    // The member that was stopped has it still, and may pass it on now, but there is only one.
    server_->resume(front_);
    ASSERT_TRUE(std::holds_alternative<TransactionAnswer>(etcd().put("/b", "1")));
    const auto range = std::get<Range>(etcd().range(Keys::one("/a")));
    for (const KeyValue& value : range.values) {
        EXPECT_EQ(value.version, 1);
    }
}

TEST_F(EtcdFailOverTest, BelievesNoMemberThatHasLostTheOthers) {
    Asking only{settings({front_})};
    const auto lease = std::get<Lease>(only.grant(60s));
    Heard heard;
    const Watch watch = only.client.watch(Keys::prefix("/"), 1, heard.on_events(), heard.on_end());
    ASSERT_TRUE(only.turn_until([&] { return heard.stands; }));

    server_->stop(leader_);
    server_->stop(next_);

    ASSERT_TRUE(only.turn_until([&] { return heard.end.has_value(); }));
    const std::string no_leader =
        "etcd at " + server_->endpoint(front_) + ": etcdserver: no leader";
    EXPECT_EQ(heard.end->text, no_leader);
    EXPECT_EQ(std::get<Failure>(only.keep_alive(lease.id)).text, no_leader);
    EXPECT_EQ(std::get<Failure>(only.range(Keys::prefix("/"))).text, no_leader);
    const auto failure = std::get<Failure>(only.put("/a", "1"));
    EXPECT_EQ(failure.kind, Kind::unreachable);
    EXPECT_EQ(failure.text, no_leader);
    EXPECT_FALSE(failure.may_have_happened);
    Heard again;
    const Watch second = only.client.watch(Keys::prefix("/"), 1, again.on_events(), again.on_end());
    ASSERT_TRUE(only.turn_until([&] { return again.end.has_value(); }));
    EXPECT_EQ(again.end->text, no_leader);
    EXPECT_FALSE(again.stands);

    server_->resume(leader_);
    server_->resume(next_);
    EXPECT_EQ(
        std::get<std::chrono::seconds>(once_it_works([&] { return only.keep_alive(lease.id); })),
        60s);
}

}  // namespace
}  // namespace ccci::etcd
