#include "etcd/codec.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

#include "etcd/refusal.hpp"

namespace ccci::etcd {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;

json body_of(const Message& message) {
    return json::parse(message.body);
}

TEST(KeysTest, OfAPrefixEndBeforeTheNextNameOfItsLength) {
    EXPECT_EQ(Keys::one("a").range_end(), "");
    EXPECT_EQ(Keys::prefix("/cc-ci/").range_end(), "/cc-ci0");
    EXPECT_EQ(Keys::prefix("a\xff\xff").range_end(), "b");
    EXPECT_EQ(Keys::prefix("\xff").range_end(), std::string(1, '\0'));
    EXPECT_EQ(Keys::prefix("").range_end(), std::string(1, '\0'));
}

TEST(CodecTest, WritesNumbersAsTextsAndBytesInBase64) {
    EXPECT_EQ(body_of(grant_message(180s)), (json{{"TTL", "180"}}));
    EXPECT_EQ(body_of(keep_alive_message(9007199254740993)), (json{{"ID", "9007199254740993"}}));
    EXPECT_EQ(body_of(revoke_message(7)), (json{{"ID", "7"}}));
    EXPECT_EQ(body_of(range_message(Keys::prefix("a"))),
              (json{{"key", "YQ=="}, {"range_end", "Yg=="}}));
    EXPECT_EQ(body_of(watch_message(Keys::one("a"), 5)),
              (json{{"create_request", {{"key", "YQ=="}, {"start_revision", "5"}}}}));
}

TEST(CodecTest, WritesATransaction) {
    const Transaction transaction{
        .compares = {{Keys::prefix("a"), Compare::Field::create_revision, Compare::Relation::equal,
                      0},
                     {Keys::one("a"), Compare::Field::lease, Compare::Relation::not_equal, 1},
                     {Keys::one("a"), Compare::Field::mod_revision, Compare::Relation::greater, 2},
                     {Keys::one("a"), Compare::Field::version, Compare::Relation::less, 3}},
        .then = {Put{"a", "b", 7}, Delete{Keys::one("a")}},
        .otherwise = {Get{Keys::one("a")}}};

    EXPECT_EQ(
        body_of(commit_message(transaction)),
        (json{{"compare",
               {{{"key", "YQ=="},
                 {"range_end", "Yg=="},
                 {"target", "CREATE"},
                 {"create_revision", "0"},
                 {"result", "EQUAL"}},
                {{"key", "YQ=="}, {"target", "LEASE"}, {"lease", "1"}, {"result", "NOT_EQUAL"}},
                {{"key", "YQ=="}, {"target", "MOD"}, {"mod_revision", "2"}, {"result", "GREATER"}},
                {{"key", "YQ=="}, {"target", "VERSION"}, {"version", "3"}, {"result", "LESS"}}}},
              {"success",
               {{{"request_put", {{"key", "YQ=="}, {"value", "Yg=="}, {"lease", "7"}}}},
                {{"request_delete_range", {{"key", "YQ=="}}}}}},
              {"failure", json::array({{{"request_range", {{"key", "YQ=="}}}}})}}));
}

TEST(CodecTest, WritesAPasswordOfAnyBytes) {
    EXPECT_NO_THROW((void)authenticate_message("ci", "\xff\xfe"));
}

TEST(CodecTest, ReadsALease) {
    const Lease lease = read_lease(R"({"header":{},"ID":"2324035713946475270","TTL":"5"})");

    EXPECT_EQ(lease.id, 2324035713946475270);
    EXPECT_EQ(lease.ttl, 5s);
}

TEST(CodecTest, ReadsWhatIsLeftOfALease) {
    EXPECT_EQ(read_keep_alive(R"({"result":{"header":{},"ID":"77","TTL":"5"}})"), 5s);
    EXPECT_EQ(read_keep_alive(R"({"result":{"header":{},"ID":"77"}})"), 0s);
}

TEST(CodecTest, ReadsARange) {
    const Range range = read_range(
        R"({"header":{"revision":"9"},"kvs":[{"key":"YQ==","create_revision":"2",)"
        R"("mod_revision":"3","version":"2","value":"Yg==","lease":"77"}],"count":"1"})");

    EXPECT_EQ(range, (Range{9, {{"a", "b", 2, 3, 2, 77}}}));
    EXPECT_EQ(read_range(R"({"header":{"revision":"9"}})"), (Range{9, {}}));
}

TEST(CodecTest, ReadsWhatEachOperationOfATransactionGave) {
    const Transaction transaction{.then = {Put{"c", "d"}, Get{Keys::one("a")}},
                                  .otherwise = {Delete{Keys::one("a")}}};

    const TransactionAnswer done =
        read_commit(R"({"header":{"revision":"9"},"succeeded":true,"responses":[)"
                    R"({"response_put":{"header":{"revision":"9"}}},)"
                    R"({"response_range":{"kvs":[{"key":"YQ==","mod_revision":"3"}]}}]})",
                    transaction);
    const TransactionAnswer otherwise = read_commit(
        R"({"header":{"revision":"9"},"responses":[{"response_delete_range":{"deleted":"1"}}]})",
        transaction);

    EXPECT_TRUE(done.succeeded);
    EXPECT_EQ(done.revision, 9);
    ASSERT_EQ(done.values.size(), 2U);
    EXPECT_TRUE(done.values[0].empty());
    EXPECT_EQ(done.values[1], (std::vector<KeyValue>{{.key = "a", .mod_revision = 3}}));
    EXPECT_FALSE(otherwise.succeeded);
    EXPECT_EQ(otherwise.values, (std::vector<std::vector<KeyValue>>{{}}));
}

TEST(CodecTest, TakesNoAnswerToAnotherTransaction) {
    const Transaction transaction{.then = {Put{"a", "b"}}};
    for (const char* text : {
             R"({"header":{"revision":"9"},"succeeded":true})",
             R"({"header":{"revision":"9"},"succeeded":true,"responses":[{"response_range":{}}]})",
             R"({"header":{"revision":"9"},"succeeded":true,"responses":["response_put"]})",
             R"({"header":{"revision":"9"},"responses":[{"response_put":{}}]})",
             R"({"succeeded":true,"responses":[{"response_put":{}}]})",
         }) {
        EXPECT_THROW((void)read_commit(text, transaction), std::invalid_argument) << text;
    }
}

TEST(CodecTest, ReadsTheLinesOfAWatch) {
    const WatchLine created = read_watch_line(R"({"result":{"header":{},"created":true}})");
    const WatchLine events = read_watch_line(
        R"({"result":{"header":{"revision":"5"},"events":[)"
        R"({"kv":{"key":"YQ==","create_revision":"4","mod_revision":"4","version":"1"}},)"
        R"({"type":"DELETE","kv":{"key":"YQ==","mod_revision":"5"}}]}})");
    const WatchLine compacted =
        read_watch_line(R"({"result":{"header":{},"canceled":true,"compact_revision":"3"}})");

    EXPECT_TRUE(created.created);
    EXPECT_EQ(events.events,
              (std::vector<Event>{{Event::Kind::put, {"a", "", 4, 4, 1}},
                                  {Event::Kind::deleted, {.key = "a", .mod_revision = 5}}}));
    EXPECT_EQ(refusal_of(compacted).kind, Failure::Kind::compacted);
    EXPECT_EQ(refusal_of({.reason = "etcdserver: permission denied"}).kind, Failure::Kind::denied);
    EXPECT_TRUE(refusal_of({.reason = "rpc error: code = Unauthenticated desc = etcdserver: "
                                      "invalid auth token"})
                    .authenticate);
    EXPECT_EQ(refusal_of({}).kind, Failure::Kind::refused);
}

TEST(CodecTest, TakesNothingElseForAnAnswer) {
    for (const char* text :
         {"", "null", "[]", "{", "{}", R"({"header":null})", R"({"header":{"revision":-1}})",
          R"({"header":{"revision":"9223372036854775808"}})", R"({"header":{"revision":"1x"}})",
          R"({"header":{"revision":"1"},"kvs":{}})", R"({"header":{"revision":"1"},"kvs":[1]})",
          R"({"header":{"revision":"1"},"kvs":[{"mod_revision":"1"}]})",
          R"({"header":{"revision":"1"},"kvs":[{"key":"YQ=="}]})",
          R"({"header":{"revision":"1"},"kvs":[{"key":"!","mod_revision":"1"}]})",
          R"({"header":{"revision":"1"},"kvs":[{"key":7,"mod_revision":"1"}]})"}) {
        EXPECT_THROW((void)read_range(text), std::invalid_argument) << text;
    }
    for (const char* text : {"{}", R"({"ID":"1"})", R"({"ID":"0","TTL":"5"})",
                             R"({"ID":"1","TTL":"-5"})", R"({"ID":"1","TTL":"99999999999999"})"}) {
        EXPECT_THROW((void)read_lease(text), std::invalid_argument) << text;
    }
    for (const char* text : {"{}", R"({"token":7})", R"({"token":"a\r\nb"})"}) {
        EXPECT_THROW((void)read_token(text), std::invalid_argument) << text;
    }
    for (const char* text : {R"({"result":[]})", R"({"result":{"created":1}})",
                             R"({"result":{"events":[{"kv":{"key":"YQ=="}}]}})",
                             R"({"result":{"events":[{"type":"X","kv":{}}]}})"}) {
        EXPECT_THROW((void)read_watch_line(text), std::invalid_argument) << text;
    }
    EXPECT_THROW((void)read_keep_alive("{}"), std::invalid_argument);
}

Refusal refusal(int code, const std::string& message) {
    return read_refusal(json{{"error", message}, {"message", message}, {"code", code}}.dump())
        .value();
}

TEST(RefusalTest, IsOfOneOfAFewKinds) {
    using Kind = Failure::Kind;

    EXPECT_EQ(refusal(5, "etcdserver: requested lease not found").kind, Kind::not_found);
    EXPECT_EQ(refusal(7, "etcdserver: permission denied").kind, Kind::denied);
    EXPECT_EQ(refusal(8, "etcdserver: mvcc: database space exceeded").kind, Kind::no_space);
    EXPECT_EQ(refusal(8, "etcdserver: too many requests").kind, Kind::unreachable);
    EXPECT_EQ(refusal(11, "etcdserver: mvcc: required revision has been compacted").kind,
              Kind::compacted);
    EXPECT_EQ(refusal(11, "etcdserver: mvcc: required revision is a future revision").kind,
              Kind::refused);
    EXPECT_EQ(refusal(3, "etcdserver: duplicate key given in txn request").kind, Kind::refused);
    EXPECT_EQ(refusal(3, "etcdserver: authentication failed, invalid user ID or password").kind,
              Kind::denied);
    EXPECT_EQ(refusal(99, "").kind, Kind::refused);
}

TEST(RefusalTest, SaysWhetherToAuthenticateOnceMore) {
    EXPECT_TRUE(refusal(16, "etcdserver: invalid auth token").authenticate);
    EXPECT_TRUE(refusal(3, "etcdserver: revision of auth store is old").authenticate);
    EXPECT_TRUE(refusal(3, "etcdserver: user name is empty").authenticate);
    EXPECT_FALSE(refusal(7, "etcdserver: permission denied").authenticate);
    EXPECT_TRUE(refusal(9, "etcdserver: authentication is not enabled").needs_no_token);
    EXPECT_FALSE(refusal(9, "etcdserver: lease already exists").needs_no_token);
}

TEST(RefusalTest, SaysWhetherNothingWasDone) {
    EXPECT_TRUE(refusal(14, "etcdserver: no leader").is_undone);
    EXPECT_FALSE(refusal(14, "etcdserver: request timed out").is_undone);
    EXPECT_FALSE(refusal(4, "context deadline exceeded").is_undone);
    EXPECT_FALSE(refusal(2, "").is_undone);
    EXPECT_TRUE(refusal(14, "etcdserver: request timed out").ask_elsewhere);
    EXPECT_FALSE(refusal(5, "etcdserver: requested lease not found").ask_elsewhere);
}

TEST(RefusalTest, IsReadFromAStreamToo) {
    const auto streamed = read_refusal(
        R"({"error":{"grpc_code":14,"http_code":503,"message":"etcdserver: no leader",)"
        R"("http_status":"Service Unavailable"}})");

    ASSERT_TRUE(streamed);
    EXPECT_EQ(streamed->kind, Failure::Kind::unreachable);
    EXPECT_EQ(streamed->reason, "etcdserver: no leader");
    EXPECT_FALSE(read_refusal(R"({"result":{}})"));
    EXPECT_FALSE(read_refusal("error"));
}

TEST(RefusalTest, IsReadAsANewerEtcdWritesIt) {
    const auto plain =
        read_refusal(R"({"code":5,"message":"etcdserver: requested lease not found"})");
    const auto streamed =
        read_refusal(R"({"error":{"code":14,"message":"etcdserver: no leader","details":[]}})");

    ASSERT_TRUE(plain && streamed);
    EXPECT_EQ(plain->kind, Failure::Kind::not_found);
    EXPECT_EQ(streamed->kind, Failure::Kind::unreachable);
    EXPECT_FALSE(read_refusal(R"({"code":5})"));
}

TEST(RefusalTest, IsWhatSomethingInBetweenSays) {
    const auto gateway = refusal_in(http::Answer{.status = 502, .body = "<html>"});
    const auto stranger = refusal_in(http::Answer{.status = 404, .body = "<html>"});

    ASSERT_TRUE(gateway && stranger);
    EXPECT_TRUE(gateway->ask_elsewhere && !gateway->is_undone);
    EXPECT_EQ(gateway->reason, "HTTP 502");
    EXPECT_TRUE(!stranger->ask_elsewhere && stranger->is_undone);
    EXPECT_FALSE(refusal_in(http::Answer{.status = 200, .body = "{}"}));
}

}  // namespace
}  // namespace ccci::etcd
