#include "recipe/app.hpp"

#include <gtest/gtest.h>

#include <fstream>

#include "base/files.hpp"
#include "base/process.hpp"
#include "recipe/recipe_error.hpp"
#include "support/temp_dir.hpp"

namespace ccci::recipe {
namespace {

namespace fs = std::filesystem;

class AppTest : public testing::Test {
protected:
    void write(const std::string& name, const std::string& text) {
        std::ofstream{tree_ / name} << text;
    }
    App load() {
        make_new_app(tree_, env_, "wiki", "wiki-123456.x.net");
        return load_app(tree_, env_, "wiki-123456_x_net");
    }
    std::string refusal() {
        try {
            (void)load();
        } catch (const RecipeError& error) {
            return error.what();
        }
        return "accepted";
    }

    test::TempDir dir_;
    fs::path tree_ = dir_.path();
    fs::path env_ = dir_.path() / "app.env";
};

TEST_F(AppTest, EnvFileIsTheSampleForThisDomain) {
    EXPECT_EQ(new_app_env("TYPE=wiki\n# c\nDOMAIN=wiki.example.com\nX=www.wiki.example.com\n"
                          "LETS_ENCRYPT_ENV=staging\n",
                          "wiki", "a.b"),
              "TYPE=wiki\n# c\nDOMAIN=a.b\nX=www.a.b\nLETS_ENCRYPT_ENV=staging\n");
    EXPECT_EQ(new_app_env("", "wiki", "a.b"), "TYPE=wiki\nDOMAIN=a.b\n");
}

TEST_F(AppTest, EnvFileHasTheAdditionsAsTheyAre) {
    write(".env.sample", "A=1\nB=$A\n");
    write("compose.yml", "services: {app: {image: a}}\n");
    make_new_app(tree_, env_, "wiki", "a.b", {{"A", "$B 'x' \"y\" # z"}, {"C", ""}});

    const App app = load_app(tree_, env_, "a_b");

    EXPECT_EQ(app.variables.at("A"), "$B 'x' \"y\" # z");
    EXPECT_EQ(app.variables.at("C"), "");
}

TEST_F(AppTest, OverlaysComeLastAndAreReadLikeTheOthers) {
    write(".env.sample", "IMAGE=b\n");
    write("compose.yml", "services: {app: {image: a}}\n");
    write("over.yml",
          "services: {app: {image: '${IMAGE}'}}\n"
          "secrets: {key: {external: true, name: '${STACK_NAME}_key_v1'}}\n");
    const std::vector<Overlay> overlays{{"tests/over.yml", "recipe", tree_ / "over.yml"}};
    make_new_app(tree_, env_, "wiki", "a.b");

    const App app = load_app(tree_, env_, "a_b", overlays);

    EXPECT_EQ(app.compose_files,
              (std::vector<fs::path>{tree_ / "compose.yml", tree_ / "over.yml"}));
    EXPECT_EQ(app.compose.images, std::vector<std::string>{"b"});
    ASSERT_EQ(app.secrets.size(), 1U);
    EXPECT_EQ(app.secrets[0].name, "a_b_key_v1");

    write("over.yml", "services: [\n");
    try {
        (void)load_app(tree_, env_, "a_b", overlays);
        FAIL() << "accepted";
    } catch (const RecipeError& error) {
        EXPECT_TRUE(std::string{error.what()}.starts_with("tests/over.yml line 2: "))
            << error.what();
    }
}

TEST_F(AppTest, EnvFileIsForItsOwnerOnlyAndReplacesAnyOther) {
    write(".env.sample", "A=1\n");
    write("app.env", "OLD=1\n");

    make_new_app(tree_, env_, "wiki", "a.b");

    EXPECT_EQ(fs::status(env_).permissions(), fs::perms::owner_read | fs::perms::owner_write);
    EXPECT_EQ(base::try_read_file(env_), "A=1\nTYPE=wiki\nDOMAIN=a.b\n");
}

TEST_F(AppTest, TakesVariablesFromEnvFileAndAbraSh) {
    write(".env.sample", "SECRET_DB_VERSION=v1 # length=7\nPAGE_VERSION=v0\n");
    write("abra.sh", "export PAGE_VERSION=v3\n");
    write("compose.yml",
          "services: {app: {image: 'i:${PAGE_VERSION}'}}\n"
          "secrets: {db: {external: true, name: '${STACK_NAME}_db_${SECRET_DB_VERSION}'}}\n");

    const App app = load();

    EXPECT_EQ(app.compose.images, std::vector<std::string>{"i:v3"});
    ASSERT_EQ(app.secrets.size(), 1U);
    EXPECT_EQ(app.secrets[0].name, "wiki-123456_x_net_db_v1");
    EXPECT_EQ(app.secrets[0].length, 7U);
    EXPECT_EQ(app.variables.at("STACK_NAME"), "wiki-123456_x_net");
    EXPECT_EQ(app.variables.at("DOMAIN"), "wiki-123456.x.net");
}

TEST_F(AppTest, ReadsTheComposeFilesOfTheEnvFile) {
    write(".env.sample", "COMPOSE_FILE=compose.yml\nCOMPOSE_FILE=$COMPOSE_FILE:compose.db.yml\n");
    write("compose.yml", "services: {app: {image: a}}\n");
    write("compose.db.yml", "services: {db: {image: d}}\n");

    const App app = load();

    ASSERT_EQ(app.compose.services.size(), 2U);
    EXPECT_EQ(app.compose.services[1].name, "db");
    EXPECT_EQ(app.compose_files,
              (std::vector<fs::path>{tree_ / "compose.yml", tree_ / "compose.db.yml"}));
}

TEST_F(AppTest, TellsTheMaintainerWhatIsMissing) {
    EXPECT_EQ(refusal(), ".env.sample: the recipe has no such file");
    write(".env.sample", "");
    EXPECT_EQ(refusal(), "compose.yml: the recipe has no such file");
    write(".env.sample", "COMPOSE_FILE=compose.yml:../../etc/passwd\n");
    write("compose.yml", "services: {app: {image: a}}\n");
    EXPECT_EQ(refusal(), "COMPOSE_FILE: '../../etc/passwd' is no file of the recipe");
    write(".env.sample", "COMPOSE_FILE=/etc/passwd\n");
    EXPECT_EQ(refusal(), "COMPOSE_FILE: '/etc/passwd' is no file of the recipe");
    write(".env.sample", "oops\n");
    EXPECT_EQ(refusal(), ".env.sample line 1: want NAME=value, not 'oops'");
}

TEST_F(AppTest, IsDeployedWithItsOwnVariablesOnly) {
    App app;
    app.variables = {{"GREETING", "hi"}};

    const std::vector<std::string> environment =
        deploy_environment(app, {"PATH=/bin", "HOME=/h", "DRONE_TOKEN=secret"});

    EXPECT_EQ(environment, (std::vector<std::string>{"PATH=/bin", "HOME=/h", "GREETING=hi"}));
    for (const char* name : {"PATH", "LD_PRELOAD", "DOCKER_HOST"}) {
        app.variables = {{name, "x"}};
        EXPECT_THROW(deploy_environment(app, {}), RecipeError) << name;
    }
}

}  // namespace
}  // namespace ccci::recipe
