#include <fcntl.h>
#include <gtest/gtest.h>

#include "base/files.hpp"
#include "etcd/asking.hpp"
#include "etcd/heard.hpp"

namespace ccci::etcd {
namespace {

using namespace std::chrono_literals;
using Kind = Failure::Kind;

/// Certificates on both sides.
class EtcdTlsTest : public testing::Test {
protected:
    void SetUp() override {
        if (!test::EtcdServer::is_installed()) {
            GTEST_SKIP() << "needs etcd, etcdctl and openssl";
        }
        server_.emplace(test::EtcdServer::Options{.tls = true});
        settings_ = server_->settings();
    }

    Failure failure_of_a_range() {
        Asking etcd{settings_};
        auto answer = etcd.range(Keys::one("/a"));
        return std::holds_alternative<Failure>(answer) ? std::get<Failure>(answer)
                                                       : Failure{.text = "it was answered"};
    }

    std::optional<test::EtcdServer> server_;
    Settings settings_;
};

TEST_F(EtcdTlsTest, TakesACertificateForACertificate) {
    Asking etcd{settings_};

    EXPECT_TRUE(std::holds_alternative<TransactionAnswer>(etcd.put("/a", "1")));
    Heard heard;
    const Watch watch = etcd.client.watch(Keys::one("/a"), 1, heard.on_events(), heard.on_end());
    EXPECT_TRUE(etcd.turn_until([&] { return heard.events.size() == 1; }));
}

TEST_F(EtcdTlsTest, SpeaksToNoServerOfAnotherAuthority) {
    settings_.ca_file = server_->directory() / "stranger.pem";

    const Failure failure = failure_of_a_range();

    EXPECT_EQ(failure.kind, Kind::denied);
    EXPECT_NE(failure.text.find("certificate"), std::string::npos) << failure.text;
    EXPECT_FALSE(failure.may_have_happened);
}

// In TLS 1.3 the server refuses a certificate when the client has begun to send already; the words
// of the refusal may be lost with the connection.
TEST_F(EtcdTlsTest, GetsNoAnswerWithoutACertificate) {
    settings_.cert_file.clear();

    const Failure failure = failure_of_a_range();

    EXPECT_TRUE(failure.kind == Kind::denied || failure.kind == Kind::unreachable);
    EXPECT_TRUE(failure.text.starts_with("etcd at https://")) << failure.text;
}

TEST_F(EtcdTlsTest, GetsNoAnswerWithACertificateOfAnotherAuthority) {
    settings_.cert_file = server_->directory() / "stranger.pem";
    settings_.key_file = server_->directory() / "stranger.key";

    const Failure failure = failure_of_a_range();

    EXPECT_TRUE(failure.kind == Kind::denied || failure.kind == Kind::unreachable);
    EXPECT_TRUE(failure.text.starts_with("etcd at https://")) << failure.text;
}

TEST_F(EtcdTlsTest, SaysSoWhenAFileCannotBeUsed) {
    settings_.key_file = server_->directory() / "missing.key";

    const Failure failure = failure_of_a_range();

    EXPECT_EQ(failure.kind, Kind::denied) << failure.text;
    EXPECT_NE(failure.text.find("missing.key"), std::string::npos) << failure.text;
}

TEST_F(EtcdTlsTest, DoesNotSpeakInTheClear) {
    for (std::string& endpoint : settings_.endpoints) {
        endpoint.replace(0, 5, "http");
    }

    EXPECT_NE(failure_of_a_range().text, "it was answered");
}

/// A user that may write below /cc-ci/, and nothing else.
class EtcdUserTest : public testing::Test {
protected:
    void SetUp() override {
        if (!test::EtcdServer::is_installed()) {
            GTEST_SKIP() << "needs etcd, etcdctl and openssl";
        }
        server_.emplace();
        (void)server_->control({"user", "add", "root:secret-of-root"});
        (void)server_->control({"user", "grant-role", "root", "root"});
        (void)server_->control({"role", "add", "locks"});
        (void)server_->control(
            {"role", "grant-permission", "locks", "--prefix=true", "readwrite", "/cc-ci/"});
        (void)server_->control({"user", "add", "ci:pass word"});
        (void)server_->control({"user", "grant-role", "ci", "locks"});
        settings_ = server_->settings();
        settings_.user = "ci";
        settings_.password_file = server_->directory() / "password";
        write_password("pass word\n");
    }

    void require_users() { (void)server_->control({"auth", "enable"}); }
    /// As it does with one whose time is over.
    void forget_tokens() {
        (void)server_->control({"--user", "root:secret-of-root", "auth", "disable"});
        require_users();
    }
    void write_password(const std::string& text) {
        base::write_file_atomically(settings_.password_file, text, 0600);
    }

    std::optional<test::EtcdServer> server_;
    Settings settings_;
};

TEST_F(EtcdUserTest, MayDoWhatItsRoleAllows) {
    require_users();
    Asking etcd{settings_};

    const auto lease = std::get<Lease>(etcd.grant(60s));
    EXPECT_TRUE(std::holds_alternative<TransactionAnswer>(etcd.put("/cc-ci/a", "1", lease.id)));
    EXPECT_EQ(std::get<std::chrono::seconds>(etcd.keep_alive(lease.id)), 60s);
    EXPECT_EQ(std::get<Failure>(etcd.put("/b", "1")).kind, Kind::denied);
    EXPECT_EQ(std::get<Failure>(etcd.range(Keys::one("/b"))).kind, Kind::denied);
    Heard heard;
    const Watch watch = etcd.client.watch(Keys::one("/b"), 1, heard.on_events(), heard.on_end());
    ASSERT_TRUE(etcd.turn_until([&] { return heard.end.has_value(); }));
    EXPECT_EQ(heard.end->kind, Kind::denied);
    EXPECT_TRUE(std::holds_alternative<std::monostate>(etcd.revoke(lease.id)));
}

TEST_F(EtcdUserTest, IsDeniedWithAWrongPassword) {
    require_users();
    write_password("another");
    Asking etcd{settings_};

    const auto failure = std::get<Failure>(etcd.range(Keys::one("/cc-ci/a")));

    EXPECT_EQ(failure.kind, Kind::denied);
    EXPECT_EQ(failure.text, "etcd at " + server_->endpoint() +
                                ": etcdserver: authentication failed, invalid user ID or password");
    write_password("pass word");
    EXPECT_TRUE(std::holds_alternative<Range>(etcd.range(Keys::one("/cc-ci/a"))))
        << "the file is read at each authentication";
}

TEST_F(EtcdUserTest, IsDeniedWithoutItsPasswordFile) {
    require_users();
    std::filesystem::remove(settings_.password_file);
    Asking etcd{settings_};

    const auto failure = std::get<Failure>(etcd.range(Keys::one("/cc-ci/a")));

    EXPECT_EQ(failure.kind, Kind::denied);
    EXPECT_NE(failure.text.find(settings_.password_file.native()), std::string::npos)
        << failure.text;
}

TEST_F(EtcdUserTest, IsDeniedWithoutAUser) {
    require_users();
    settings_.user.clear();
    Asking etcd{settings_};

    EXPECT_EQ(std::get<Failure>(etcd.range(Keys::one("/cc-ci/a"))).kind, Kind::denied);
}

TEST_F(EtcdUserTest, AuthenticatesOnceMoreWhenItsTokenIsForgotten) {
    require_users();
    Asking etcd{settings_};
    ASSERT_TRUE(std::holds_alternative<TransactionAnswer>(etcd.put("/cc-ci/a", "1")));
    forget_tokens();

    EXPECT_TRUE(std::holds_alternative<TransactionAnswer>(etcd.put("/cc-ci/a", "2")));
}

TEST_F(EtcdUserTest, AuthenticatesOnceMoreForAWatch) {
    require_users();
    Asking etcd{settings_};
    ASSERT_TRUE(std::holds_alternative<TransactionAnswer>(etcd.put("/cc-ci/a", "1")));
    forget_tokens();
    Heard heard;

    const Watch watch =
        etcd.client.watch(Keys::one("/cc-ci/a"), 1, heard.on_events(), heard.on_end());

    EXPECT_TRUE(etcd.turn_until([&] { return heard.events.size() == 1; }));
    EXPECT_FALSE(heard.end);
}

TEST_F(EtcdUserTest, NeedsNoAuthenticationBeforeItIsSwitchedOn) {
    Asking etcd{settings_};
    EXPECT_TRUE(std::holds_alternative<TransactionAnswer>(etcd.put("/cc-ci/a", "1")));

    require_users();

    EXPECT_TRUE(std::holds_alternative<TransactionAnswer>(etcd.put("/cc-ci/a", "2")));
    EXPECT_EQ(std::get<Failure>(etcd.put("/b", "1")).kind, Kind::denied);
}

}  // namespace
}  // namespace ccci::etcd
