#include "recipe/git_repository.hpp"
#include "recipe/recipe_swarm_fixture.hpp"
#include "run/usage_error.hpp"

namespace ccci::recipe {
namespace {

/// Without each of them this run would fail: the front page is not 404, the overlay's variable and
/// secret are in nothing else, and the upgrade would change nothing.
TEST_F(RecipeSwarmTest, SettingsAndOverlaysAreWhatARunGoesBy) {
    const test::GitRepository source{dir_.path() / "source"};
    fs::copy(CCCI_SOURCE_DIR "/tests/recipes/static-site", source.path(),
             fs::copy_options::recursive);
    source.commit("README.md", "one");
    source.git({"tag", "--annotate", "--message", "one", "1.0.0+1.0.0"});
    source.write("tests/cc-ci.json", R"({
        "health": {"path": "/no-such-page", "codes": [404]},
        "env": {"GREETING": "from the recipe", "PLACE": "$HOME"},
        "skip": {"upgrade": "1.0.0 is not worth it"}
    })");
    source.write("tests/compose.cc-ci.yml", R"(
version: "3.8"
services:
  app:
    environment: ["GREETING=${GREETING}", "PLACE=${PLACE}"]
    secrets: [extra]
secrets:
  extra: {external: true, name: "${STACK_NAME}_extra_v1"}
)");
    source.write("tests/custom/sees-it-all", R"(#!/bin/sh -eu
docker service inspect "${CCCI_STACK}_app" >app
grep -F '"GREETING=from the operator"' app
grep -F '"PLACE=$HOME"' app
grep -F '"from": "site"' app
grep -F '{"reason":"declared by the recipe: 1.0.0 is not worth it","tier":"upgrade"}' \
    "$CCCI_DEPS_SKIP_REPORT"
busybox wget -q -O - "$CCCI_URL" | grep 'cc-ci test page'
)",
                 0755);
    source.commit("README.md", "two");
    const fs::path site = dir_.path() / "site/static-site";
    fs::create_directories(site);
    const auto write_site = [&](const std::string& name, const std::string& text) {
        base::write_file_atomically(site / name, text, 0644);
    };
    write_site("cc-ci.json", R"({"env": {"GREETING": "from the operator"}})");
    write_site("compose.cc-ci.yml",
               "version: '3.8'\nservices: {app: {deploy: {labels: {from: site}}}}\n");
    job_.config.site_tests_dir = site.parent_path();
    ask_for("static-site", "stat-222222.ci.localhost");
    job_.source = source.path();
    job_.ref = "main";

    ASSERT_EQ(run(), 0) << log_;

    EXPECT_NE(log_.find("settings: health.path /no-such-page (recipe), health.codes [404] "
                        "(recipe), env.GREETING (site), env.PLACE (recipe)\n"),
              std::string::npos)
        << log_;
    EXPECT_NE(log_.find("found 2 tests (install 1, custom 1), 0 hooks; tiers fetch, install, "
                        "backup, restore, custom, lint\n"),
              std::string::npos)
        << log_;
    EXPECT_NE(log_.find("generated 1 secret\n"), std::string::npos) << log_;
    EXPECT_EQ(results()["manifest"]["overlays"].size(), 2U);
    EXPECT_EQ(results()["tiers"][2]["result"], "skip");
    EXPECT_EQ(note(), "level 5 of 5, deploys 1\n");
    EXPECT_EQ(results_schema_error(), "");
    EXPECT_TRUE(tear_down().clean());

    write_site("cc-ci.json", R"({"env": {"PATH": "/"}})");
    EXPECT_THROW(run(), run::UsageError);
    EXPECT_EQ(results()["error"],
              (site / "cc-ci.json").native() +
                  ": key 'env.PATH': cannot be set: it steers the deploy itself");
}

}  // namespace
}  // namespace ccci::recipe
