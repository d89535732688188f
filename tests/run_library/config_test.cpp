#include "run/config.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <functional>
#include <string>

#include "run/usage_error.hpp"
#include "support/temp_dir.hpp"

namespace ccci::run {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;

std::string error_of(const std::function<void()>& call) {
    try {
        call();
    } catch (const UsageError& error) {
        return error.what();
    }
    return "no UsageError";
}

std::string error_of_json(const json& value) {
    return error_of([&] {
        Config config;
        apply_json(config, value, "the.json");
    });
}

Config with(const json& value) {
    Config config;
    apply_json(config, value, "the.json");
    return config;
}

TEST(ConfigTest, NamesTheKeyAndTheFileOfAnUnknownKey) {
    EXPECT_EQ(error_of_json({{"dead_line", "1h"}}), "the.json: unknown key 'dead_line'");
    EXPECT_EQ(error_of_json({{"a\nb", 1}}), "the.json: unknown key 'a\\x0ab'");
}

TEST(ConfigTest, NamesTheKeyTheWantAndTheValueOfAWrongType) {
    EXPECT_EQ(error_of_json({{"deadline", 60}}),
              "the.json: key 'deadline': want a time span such as \"10min\", not 60");
    EXPECT_EQ(error_of_json({{"forge", {"x"}}}),
              "the.json: key 'forge': want a string, not [\"x\"]");
}

TEST(ConfigTest, RefusesEveryKeyOfEveryWrongType) {
    const json defaults = to_json(Config{});
    for (const auto& [key, value] : defaults.items()) {
        const json other = value.is_boolean() ? json("true") : json(true);
        for (const json& wrong : {json(nullptr), other, json(1), json(json::object())}) {
            const std::string error = error_of_json({{key, wrong}});
            EXPECT_NE(error.find("the.json: key '" + key + "'"), std::string::npos) << error;
        }
    }
}

TEST(ConfigTest, RefusesWrongContents) {
    for (const auto& [key, value] :
         std::vector<std::pair<std::string, json>>{{"deadline", "soon"},
                                                   {"deadline", ""},
                                                   {"deadline", "0"},
                                                   {"teardown_budget", "-1s"},
                                                   {"stop_grace", "0ms"},
                                                   {"heartbeat", "-1s"},
                                                   {"drone_server", "drone.example.net"},
                                                   {"drone_server", "https://u:p@drone.example"},
                                                   {"drone_token_file", "token"},
                                                   {"drone_poll", "0"},
                                                   {"dashboard_listen", "localhost:80"},
                                                   {"dashboard_listen", "8791"},
                                                   {"bridge_repositories", {"immich"}},
                                                   {"bridge_repositories", {"a/b/c"}},
                                                   {"bridge_repositories", {"../immich"}},
                                                   {"bridge_repositories", {"recipes/Immich"}},
                                                   {"bridge_organization", "a/b"},
                                                   {"bridge_drone_repository", "ops"},
                                                   {"bridge_drone_branch", "-x"},
                                                   {"bridge_poll", "-1s"},
                                                   {"bridge_listen", "8790"},
                                                   {"bridge_listen", "localhost:8790"},
                                                   {"bridge_secret_file", "secret"},
                                                   {"dashboard_url", "ci.example.net"},
                                                   {"command_timeout", "200000d"},
                                                   {"lock_dir", "run/lock"},
                                                   {"runs_dir", "./runs"},
                                                   {"docker_socket", "docker.sock"},
                                                   {"base_domain", "Not A Domain"},
                                                   {"base_domain", "../x"},
                                                   {"run_app_pattern", "("},
                                                   {"platform", "kubernetes"},
                                                   {"platform", ""},
                                                   {"resolve_image", "sometimes"},
                                                   {"abra_command", ""},
                                                   {"abra_command", "bin/abra"},
                                                   {"screenshot_command", "bin/chromium"},
                                                   {"health_codes", {99}},
                                                   {"health_codes", {200, 600}},
                                                   {"health_codes", {"200"}},
                                                   {"health_codes", "200"}}) {
        const std::string error = error_of_json({{key, value}});
        EXPECT_TRUE(error.starts_with("the.json: key '" + key + "':")) << key << ": " << error;
        EXPECT_EQ(error.find('\n'), std::string::npos) << error;
    }
}

TEST(ConfigTest, IsOneObject) {
    for (const json& value : {json(nullptr), json(1), json("x"), json(json::array())}) {
        EXPECT_EQ(error_of_json(value), "the.json: want one JSON object");
    }
    EXPECT_EQ(to_json(with(json::object())), to_json(Config{}));
}

TEST(ConfigTest, DerivesThePatternFromTheBaseDomain) {
    const Config config = with({{"base_domain", "ci.example.net"}});

    EXPECT_TRUE(config.run_app_pattern.matches("immi-ad3e33.ci.example.net"));
    EXPECT_FALSE(config.run_app_pattern.matches("immi-ad3e33.ci.localhost"));
}

TEST(ConfigTest, TakesTheGivenPatternWhateverTheOrder) {
    // The keys of an object have no order: run_app_pattern is written last on purpose, and first.
    for (const char* text : {R"({"run_app_pattern": "a\\.b", "base_domain": "ci.example.net"})",
                             R"({"base_domain": "ci.example.net", "run_app_pattern": "a\\.b"})"}) {
        const Config config = with(json::parse(text));

        EXPECT_EQ(config.base_domain, "ci.example.net");
        EXPECT_TRUE(config.run_app_pattern.matches("a.b"));
        EXPECT_FALSE(config.run_app_pattern.matches("immi-ad3e33.ci.example.net"));
    }
}

TEST(ConfigTest, TakesARepositoryOnlyWithItsPassword) {
    const test::TempDir dir;
    const auto error_of_file = [&](const json& value) {
        std::ofstream{dir.path() / "c"} << value;
        return error_of([&] { (void)load_config(dir.path() / "c", {}); });
    };
    const std::string want = ": restic_repository and restic_password_file need each other";

    EXPECT_EQ(error_of_file({{"restic_repository", "/r"}}), (dir.path() / "c").native() + want);
    EXPECT_EQ(error_of_file({{"restic_password_file", "/p"}}), (dir.path() / "c").native() + want);
    EXPECT_EQ(error_of_file({{"restic_repository", "/r"}, {"restic_password_file", "/p"}}),
              "no UsageError");
}

TEST(ConfigTest, AsksDroneOnlyWithAToken) {
    const test::TempDir dir;
    const auto error_of_file = [&](const json& value) {
        std::ofstream{dir.path() / "c"} << value;
        return error_of([&] { (void)load_config(dir.path() / "c", {}); });
    };
    const std::string want = ": drone_server and drone_token_file need each other";

    EXPECT_EQ(error_of_file({{"drone_server", "https://drone.example.net"}}),
              (dir.path() / "c").native() + want);
    EXPECT_EQ(error_of_file({{"drone_token_file", "/t"}}), (dir.path() / "c").native() + want);
    EXPECT_EQ(error_of_file({{"drone_server", "https://drone.example.net"},
                             {"bridge_drone_repository", "ops/ci"}}),
              "no UsageError")
        << "the bridge has a token of its own";
    EXPECT_EQ(
        error_of_file({{"drone_server", "https://drone.example.net"}, {"drone_token_file", "/t"}}),
        "no UsageError");
}

TEST(ConfigTest, HasBackupsOfAbraOnlyWithAbra) {
    const test::TempDir dir;
    const auto error_of_file = [&](const json& value) {
        std::ofstream{dir.path() / "c"} << value;
        return error_of([&] { (void)load_config(dir.path() / "c", {}); });
    };
    const std::string want = ": key 'abra_backups': needs platform 'abra', not ";

    EXPECT_EQ(error_of_file({{"abra_backups", true}}),
              (dir.path() / "c").native() + want + "'none'");
    EXPECT_EQ(error_of_file({{"abra_backups", true}, {"platform", "swarm"}}),
              (dir.path() / "c").native() + want + "'swarm'");
    EXPECT_EQ(error_of_file({{"abra_backups", false}, {"platform", "swarm"}}), "no UsageError");
    EXPECT_EQ(error_of_file({{"abra_backups", true}, {"platform", "abra"}}), "no UsageError");
}

TEST(ConfigTest, RemembersWhereEachValueCameFrom) {
    Config config = with({{"deadline", "5min"}, {"runs_dir", "/a"}});
    apply_environment(config, {"CCCI_RUNS_DIR=/b"});

    EXPECT_EQ(config.origin, (std::map<std::string, std::string>{{"deadline", "the.json"},
                                                                 {"runs_dir", "CCCI_RUNS_DIR"}}));
}

TEST(ConfigTest, IsOverriddenByTheEnvironment) {
    Config config = with({{"lock_dir", "/file"}, {"runs_dir", "/file"}, {"platform", "none"}});

    apply_environment(config, {"CCCI_APP_LOCK_DIR=/env", "CCCI_RUNS_DIR=", "CCCI_PLATFORM=swarm",
                               "CCCI_BASE_DOMAIN=ci.example.net", "CCCI_DEADLINE=1s", "junk"});

    EXPECT_EQ(config.lock_dir, "/env");
    EXPECT_EQ(config.runs_dir, "/file") << "an empty variable says nothing";
    EXPECT_EQ(config.platform, PlatformKind::swarm);
    EXPECT_TRUE(config.run_app_pattern.matches("a-000000.ci.example.net"));
    EXPECT_EQ(config.deadline, 60min);
}

TEST(ConfigTest, NamesTheVariableThatIsWrong) {
    Config config;
    for (const char* variable :
         {"CCCI_APP_LOCK_DIR=relative", "CCCI_RUNS_DIR=\xff", "CCCI_RUNS_DIR=/srv/\xff",
          "CCCI_BASE_DOMAIN=\xff\n", "CCCI_PLATFORM=\xff\xfe"}) {
        const std::string text{variable};
        const std::string error = error_of([&] { apply_environment(config, {text}); });
        EXPECT_TRUE(error.starts_with(text.substr(0, text.find('=')) + ": key '")) << error;
        EXPECT_EQ(error.find('\n'), std::string::npos) << error;
    }
}

TEST(ConfigTest, GoesToAChildAsItIs) {
    Config config = with({{"lock_dir", "/l"},
                          {"lock", {{"engine", "etcd"}, {"endpoints", {"http://10.0.0.1:2379"}}}},
                          {"runs_dir", "/r"},
                          {"base_domain", "ci.example.net"},
                          {"run_app_pattern", "a\\.b"},
                          {"platform", "command"},
                          {"list_command", "ls \"$HOME\"\n"},
                          {"teardown_command", "true"},
                          {"command_timeout", "1us"},
                          {"deadline", "1h 30min"},
                          {"teardown_budget", "2.5s"},
                          {"stop_grace", "36500d"},
                          {"heartbeat", "0us"},
                          {"drone_server", "https://drone.example.net"},
                          {"drone_token_file", "/t"},
                          {"drone_poll", "5s"},
                          {"dashboard_listen", "[::1]:80"},
                          {"bridge_repositories", {"recipes/immich", "recipes/ghost"}},
                          {"bridge_organization", "recipes"},
                          {"bridge_drone_repository", "ops/ci"},
                          {"bridge_drone_branch", "release/1.x"},
                          {"bridge_poll", "0us"},
                          {"bridge_listen", "127.0.0.1:8790"},
                          {"bridge_forge_token_file", "/b1"},
                          {"bridge_drone_token_file", "/b2"},
                          {"bridge_secret_file", "/b3"},
                          {"dashboard_url", "https://ci.example.net"},
                          {"docker_socket", "/d"},
                          {"resolve_image", "never"},
                          {"forge", "https://git.example.net"},
                          {"forge_token_file", "/t"},
                          {"abra_dir", "/a"},
                          {"abra_command", "/usr/local/bin/abra"},
                          {"abra_backups", true},
                          {"state_dir", "/s"},
                          {"site_tests_dir", "/s"},
                          {"screenshot_command", "chromium"},
                          {"health_url", "http://{domain}"},
                          {"health_codes", {204}},
                          {"health_timeout", "1s"},
                          {"converge_timeout", "2s"},
                          {"pull_timeout", "3s"},
                          {"restic_repository", "/b"},
                          {"restic_password_file", "/p"}});
    Config child;

    apply_json(child, json::parse(to_json(config).dump()), "child");

    EXPECT_EQ(to_json(child), to_json(config));
    EXPECT_EQ(child.deadline, 90min);
    EXPECT_EQ(child.command_timeout, 1us);
    EXPECT_EQ(child.platform, PlatformKind::command);
    EXPECT_TRUE(child.run_app_pattern.matches("a.b"));
    EXPECT_FALSE(child.run_app_pattern.matches("a-000000.ci.example.net"));
    EXPECT_EQ(child.health_codes, std::vector<int>{204});
    const json defaults = to_json(Config{});
    for (const auto& [key, value] : defaults.items()) {
        EXPECT_NE(value, to_json(config).at(key)) << key << " was not tried";
    }
}

class LoadConfigTest : public testing::Test {
protected:
    std::filesystem::path write(const std::string& text) const {
        std::ofstream{path_} << text;
        return path_;
    }

    test::TempDir dir_;
    std::filesystem::path path_ = dir_.path() / "config.json";
};

TEST_F(LoadConfigTest, TakesDefaultsThenTheFileThenTheEnvironment) {
    write(R"({"deadline": "1min", "runs_dir": "/file", "lock_dir": "/file"})");

    const Config config = load_config(path_, {"CCCI_RUNS_DIR=/env"});

    EXPECT_EQ(config.deadline, 1min);
    EXPECT_EQ(config.lock_dir, "/file");
    EXPECT_EQ(config.runs_dir, "/env");
    EXPECT_EQ(config.teardown_budget, 10min);
    EXPECT_EQ(config.origin.at("deadline"), path_.native());
}

TEST_F(LoadConfigTest, WantsTheFileThatWasAskedFor) {
    EXPECT_EQ(error_of([&] { (void)load_config(path_, {}); }),
              "configuration file '" + path_.native() + "' does not exist");
}

TEST_F(LoadConfigTest, TellsWhereTheFileIsNoJson) {
    for (const char* text : {"", "{", "{\"deadline\": \"1h\",}", "deadline: 1h", "\xff\xfe"}) {
        write(text);
        const std::string error = error_of([&] { (void)load_config(path_, {}); });
        EXPECT_TRUE(error.starts_with(path_.native() + ": not JSON: byte ")) << error;
    }
}

TEST_F(LoadConfigTest, RefusesANumberThatNothingCanHold) {
    write(R"({"deadline": 1e999})");
    EXPECT_EQ(error_of([&] { (void)load_config(path_, {}); }),
              path_.native() + ": has a number that is out of range");
}

TEST_F(LoadConfigTest, NamesTheFileOfAValueThatMakesNoSense) {
    for (const auto& [text, key] : std::vector<std::pair<const char*, const char*>>{
             {R"({"lock_dir": ""})", "lock_dir"},
             {R"({"runs_dir": ""})", "runs_dir"},
             {R"({"docker_socket": ""})", "docker_socket"},
             {R"({"abra_dir": ""})", "abra_dir"},
             {R"({"forge": "git.example.net"})", "forge"},
             {R"({"forge": "ext::sh -c reboot"})", "forge"},
             {R"({"forge": "https://"})", "forge"},
             {R"({"forge": "https://*.example.net"})", "forge"},
             {R"({"lock_dir": "/run/lock\u0000/x"})", "lock_dir"},
             {R"({"list_command": "list\u0000"})", "list_command"},
             {R"({"health_codes": []})", "health_codes"},
             {R"({"health_codes": [200.5]})", "health_codes"},
             {R"({"health_codes": [1e300]})", "health_codes"},
             {R"({"health_codes": [4294967496]})", "health_codes"},
             {R"({"health_codes": [true]})", "health_codes"}}) {
        write(text);
        const std::string error = error_of([&] { (void)load_config(path_, {}); });
        EXPECT_TRUE(error.starts_with(path_.native() + ": key '" + key + "':")) << error;
    }
}

TEST_F(LoadConfigTest, WantsBothCommandsOfTheCommandPlatform) {
    write(R"({"platform": "command", "list_command": "true"})");
    EXPECT_NE(error_of([&] { (void)load_config(path_, {}); }).find("teardown_command"),
              std::string::npos);

    write(R"({"platform": "command", "list_command": "true", "teardown_command": "true"})");
    EXPECT_NO_THROW((void)load_config(path_, {}));
}

}  // namespace
}  // namespace ccci::run
