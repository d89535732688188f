#include <chrono>
#include <regex>
#include <vector>

#include "base/files.hpp"
#include "base/text.hpp"
#include "recipe/recipe_swarm_fixture.hpp"

namespace ccci::recipe {
namespace {

/// What each sample recipe's maintainer is told.
class SampleRecipesSwarmTest : public RecipeSwarmTest {
protected:
    void ask_for_main(const std::string& recipe, const std::string& domain) {
        ask_for(recipe, domain);
        job_.ref = "main";
        job_.stages = naming::parse_stages("install,upgrade,custom,lint");
    }
    std::string message(naming::Tier tier) {
        return results()["tiers"][static_cast<std::size_t>(tier)].value("message", json()).dump();
    }
};

struct Broken {
    std::string recipe;
    std::string domain;
    naming::Tier tier;
    std::string message;  ///< a regular expression
};

TEST_F(SampleRecipesSwarmTest, EachBrokenOneIsToldWhatIsWrong) {
    const std::vector<Broken> recipes{
        {"compose-error", "comp-aaaaaa.ci.localhost", naming::Tier::install, "deploy: .*comand.*"},
        {"crash-loop", "cras-aaaaaa.ci.localhost", naming::Tier::install,
         "(will not converge|not converged after 30s): app: .*task: non-zero exit \\(3\\).*"},
        {"missing-image", "miss-aaaaaa.ci.localhost", naming::Tier::install,
         "pull image ccci-test/nowhere:1: .*"},
        {"nothing-new", "noth-aaaaaa.ci.localhost", naming::Tier::upgrade,
         "the upgrade from 1.0.0\\+1.0.0 changed nothing: .*"}};
    job_.config.converge_timeout = std::chrono::seconds{30};
    for (const Broken& broken : recipes) {
        ask_for_main(broken.recipe, broken.domain);

        EXPECT_EQ(run(), 1) << log_;

        EXPECT_TRUE(
            std::regex_match(message(broken.tier), std::regex{"\"" + broken.message + "\""}))
            << message(broken.tier);
        EXPECT_EQ(results()["verdict"], "failed");
        EXPECT_TRUE(tear_down().clean()) << broken.recipe;
    }
}

// Case 47: a migration of data is what an upgrade is for.
TEST_F(SampleRecipesSwarmTest, DataIsMigratedAndTheRecipeIsLinted) {
    ask_for_main("migrating", "migr-aaaaaa.ci.localhost");

    ASSERT_EQ(run(), 0) << log_;

    EXPECT_NE(log_.find("image ccci-test/web:1 -> ccci-test/web:2"), std::string::npos) << log_;
    EXPECT_NE(log_.find("warning R002: service app: no healthcheck"), std::string::npos) << log_;
    EXPECT_EQ(message(naming::Tier::upgrade), "null");
    EXPECT_TRUE(fs::exists(job_.run_dir / "junit.xml"));
    EXPECT_TRUE(tear_down().clean());
}

// An error of lint fails the recipe; without an app there is nothing to deploy for it.
TEST_F(SampleRecipesSwarmTest, LintAloneDeploysNothing) {
    ask_for("missing-image", "miss-bbbbbb.ci.localhost");
    job_.stages = naming::parse_stages("lint");
    ASSERT_EQ(run(), 0) << log_;
    EXPECT_EQ(results()["deploys"], 0);

    ask_for("never-healthy", "neve-bbbbbb.ci.localhost");
    job_.skip_fetch = true;
    const fs::path staged = job_.config.abra_dir / "recipes" / "never-healthy";
    fs::create_directories(staged.parent_path());
    fs::copy(CCCI_SOURCE_DIR "/tests/recipes/never-healthy", staged, fs::copy_options::recursive);
    const std::string text = base::try_read_file(staged / "compose.yml").value_or("");
    base::write_file_atomically(staged / "compose.yml",
                                base::replace_all(text, "ccci-test/web:1", "ccci-test/web"), 0644);

    ASSERT_EQ(run(), 1) << log_;

    EXPECT_EQ(message(naming::Tier::lint),
              "\"R003: service app: image ccci-test/web has no tag, so it is another one every "
              "day\"");
}

}  // namespace
}  // namespace ccci::recipe
