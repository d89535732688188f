#include "recipe/manifest.hpp"

#include <gtest/gtest.h>

#include <fstream>

#include "recipe/recipe_error.hpp"
#include "recipe/settings_files.hpp"
#include "run/usage_error.hpp"
#include "support/temp_dir.hpp"

namespace ccci::recipe {
namespace {

namespace fs = std::filesystem;
using naming::Tier;
using nlohmann::json;

class ManifestTest : public testing::Test {
protected:
    void write(const std::string& name, const std::string& text) {
        const fs::path file = dir_.path() / name;
        fs::create_directories(file.parent_path());
        std::ofstream{file} << text;
        fs::permissions(file, fs::perms::owner_all);
    }
    Manifest make() {
        return make_manifest(load_settings({}, folders_), find_overlays(folders_), folders_,
                             {Tier::fetch, Tier::install, Tier::upgrade, Tier::custom});
    }
    template <typename Error>
    std::string refusal() {
        try {
            (void)load_settings({}, folders_);
        } catch (const Error& error) {
            return error.what();
        }
        return "accepted";
    }

    test::TempDir dir_;
    TestFolders folders_{dir_.path() / "recipe", dir_.path() / "site"};
};

TEST_F(ManifestTest, OfABareRecipeIsOneLine) {
    EXPECT_EQ(
        describe(make()),
        std::vector<std::string>{"found 0 tests, 0 hooks; tiers fetch, install, upgrade, custom"});
    const json manifest = to_json(make());
    EXPECT_EQ(manifest["settings"][0],
              (json{{"key", "health.path"}, {"value", "/"}, {"origin", "default"}}));
}

TEST_F(ManifestTest, TellsWhereEverythingComesFrom) {
    write("recipe/cc-ci.json", R"({"health": {"path": "/up", "codes": [200]},
                                   "env": {"GREETING": "hi"}, "skip": {"upgrade": "new"}})");
    write("site/cc-ci.json", R"({"health": {"codes": [204]}, "timeouts": {"health": "90s"}})");
    write("recipe/compose.cc-ci.yml", "services: {}");
    write("site/compose.cc-ci.yml", "services: {}");
    write("recipe/pre_custom", "#!/bin/sh");
    write("site/install_steps", "#!/bin/sh");
    write("recipe/custom/a", "#!/bin/sh");
    write("recipe/custom/b", "#!/bin/sh");
    write("site/install/c", "#!/bin/sh");
    write("recipe/upgrade/d", "#!/bin/sh");

    const Manifest manifest = make();

    const std::string site = folders_.site / "compose.cc-ci.yml";
    EXPECT_EQ(describe(manifest),
              (std::vector<std::string>{
                  "settings: health.path /up (recipe), health.codes [204] (site), "
                  "timeouts.health 1min 30s (site), env.GREETING (recipe)",
                  "overlay: tests/compose.cc-ci.yml (recipe)", "overlay: " + site + " (site)",
                  "found 3 tests (install 1, custom 2), 2 hooks; tiers fetch, install, custom"}));
    const json stored = to_json(manifest);
    EXPECT_EQ(stored["hooks"], json::parse(R"([{"name": "install_steps", "origin": "site"},
                                               {"name": "pre_custom", "origin": "recipe"}])"));
    EXPECT_EQ(stored["skips"], json({{"upgrade", "new"}}));
    EXPECT_EQ(stored["settings"].back(),
              (json{{"key", "env.GREETING"}, {"value", nullptr}, {"origin", "recipe"}}));
    EXPECT_EQ(stored.dump().find("\"hi\""), std::string::npos);
}

TEST_F(ManifestTest, FaultIsTheRecipesOrTheOperators) {
    write("recipe/cc-ci.json", R"({"colour": "blue"})");
    EXPECT_EQ(refusal<RecipeError>(), "tests/cc-ci.json: unknown key 'colour'");

    write("recipe/cc-ci.json", "{}");
    write("site/cc-ci.json", R"({"colour": "blue"})");
    EXPECT_EQ(refusal<run::UsageError>(),
              (folders_.site / "cc-ci.json").native() + ": unknown key 'colour'");

    fs::remove(dir_.path() / "recipe/cc-ci.json");
    fs::create_directory(dir_.path() / "recipe/cc-ci.json");
    EXPECT_TRUE(refusal<RecipeError>().starts_with("tests/cc-ci.json: ")) << refusal<RecipeError>();

    fs::remove(dir_.path() / "recipe/cc-ci.json");
    write("recipe/cc-ci.json", std::string(std::size_t{65} << 10, ' '));
    EXPECT_EQ(refusal<RecipeError>(), "tests/cc-ci.json: File too large");
}

}  // namespace
}  // namespace ccci::recipe
