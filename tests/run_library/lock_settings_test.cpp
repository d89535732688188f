#include "run/lock_settings.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <vector>

namespace ccci::run {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;

json etcd_with(json more) {
    json settings{{"engine", "etcd"}, {"endpoints", {"https://10.0.0.1:2379"}}};
    settings.update(more);
    return settings;
}

TEST(LockSettingsTest, IsTheKernelsLockByDefault) {
    const LockSettings settings = lock_settings_from(json{{"engine", "flock"}});

    EXPECT_EQ(settings.engine, LockEngine::flock);
    EXPECT_EQ(settings, LockSettings{});
}

TEST(LockSettingsTest, NeedsOneLineForEtcd) {
    const LockSettings settings = lock_settings_from(etcd_with(json::object()));

    EXPECT_EQ(settings.engine, LockEngine::etcd);
    EXPECT_EQ(settings.ttl, 3min);
    EXPECT_EQ(settings.margin, 90s);
    EXPECT_EQ(settings.prefix, "/cc-ci/");
}

TEST(LockSettingsTest, IsReadBackAsItWasWritten) {
    const LockSettings settings = lock_settings_from(etcd_with({{"prefix", "/x/"},
                                                                {"ttl", "1min"},
                                                                {"margin", "20s"},
                                                                {"ca_file", "/etc/ca.pem"},
                                                                {"cert_file", "/etc/c.pem"},
                                                                {"key_file", "/etc/k.pem"},
                                                                {"user", "ci"},
                                                                {"password_file", "/etc/p"},
                                                                {"host", "ci-1"}}));

    EXPECT_EQ(lock_settings_from(to_json(settings)), settings);
    EXPECT_EQ(settings.margin, 20s);
    EXPECT_EQ(host_name(settings), "ci-1");
}

TEST(LockSettingsTest, CallsTheHostByItsNameUnlessItIsToldAnother) {
    std::array<char, 256> name{};
    ASSERT_EQ(::gethostname(name.data(), name.size()), 0);

    EXPECT_EQ(host_name(LockSettings{}), name.data());
}

TEST(LockSettingsTest, SaysWhatIsWrong) {
    struct Case {
        json settings;
        const char* word;
    };
    const std::vector<Case> cases{
        {json::object(), "no 'engine'"},
        {{{"engine", "zookeeper"}}, "neither flock nor etcd"},
        {{{"engine", "etcd"}}, "no endpoints"},
        {etcd_with({{"endpoints", {"10.0.0.1:2379"}}}), "no URL"},
        {etcd_with({{"endpoints", {"https://10.0.0.1"}}}), "no URL"},
        {etcd_with({{"endpoints", {"https://10.0.0.1:2379/v3"}}}), "no URL"},
        {etcd_with({{"prefix", "/"}}), "'prefix'"},
        {etcd_with({{"prefix", "/cc-ci"}}), "'prefix'"},
        {etcd_with({{"prefix", "/a b/"}}), "'prefix'"},
        {etcd_with({{"ttl", "4s"}}), "'ttl'"},
        {etcd_with({{"ttl", "2h"}}), "'ttl'"},
        {etcd_with({{"ttl", "10500ms"}, {"margin", "2s"}}), "'ttl'"},
        {etcd_with({{"margin", "0s"}}), "'margin'"},
        {etcd_with({{"margin", "91s"}}), "'margin'"},
        {etcd_with({{"ca_file", "ca.pem"}}), "'ca_file'"},
        {etcd_with({{"cert_file", "/c.pem"}}), "need each other"},
        {etcd_with({{"user", "ci"}}), "need each other"},
        {etcd_with({{"quorum", 2}}), "unknown key 'quorum'"},
    };
    for (const Case& each : cases) {
        try {
            (void)lock_settings_from(each.settings);
            ADD_FAILURE() << each.settings;
        } catch (const std::invalid_argument& error) {
            EXPECT_NE(std::string{error.what()}.find(each.word), std::string::npos)
                << error.what() << " for " << each.settings;
        }
    }
    EXPECT_THROW((void)lock_settings_from(json{{"engine", 1}}), json::exception);
    EXPECT_THROW((void)lock_settings_from(json::array()), json::exception);
}

}  // namespace
}  // namespace ccci::run
