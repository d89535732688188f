#include "recipe/results.hpp"

#include <gtest/gtest.h>

#include "base/files.hpp"
#include "recipe/manifest.hpp"
#include "support/json_schema.hpp"

namespace ccci::recipe {
namespace {

using naming::Tier;

Results begun() {
    Results results;
    results.run_id = "291";
    results.recipe = "immich";
    results.domain = "immi-ad3e33.ci.example.net";
    results.begin({Tier::fetch, Tier::install});
    return results;
}

Results passed() {
    Results results = begun();
    results.of(Tier::fetch).outcome = Outcome::pass;
    results.of(Tier::install).outcome = Outcome::pass;
    results.of(Tier::install).took = std::chrono::seconds{61};
    results.deploys = 1;
    results.finished = std::chrono::system_clock::now();
    return results;
}

TEST(ResultsTest, CountWhatWasAskedForAsUnverifiedUntilItRan) {
    Results results = begun();

    EXPECT_EQ(results.of(Tier::install).outcome, Outcome::unverified);
    EXPECT_EQ(results.of(Tier::upgrade).outcome, Outcome::not_run);
    EXPECT_FALSE(results.passed());
    EXPECT_EQ(note(results), "level 0 of 5 (install: unverified), deploys 0");
}

TEST(ResultsTest, SayWhatCapsTheLevel) {
    EXPECT_TRUE(passed().passed());
    EXPECT_EQ(note(passed()), "level 1 of 5 (upgrade: not run), deploys 1");
}

TEST(ResultsTest, HaveNoLevelInTheQuickLane) {
    Results results;
    results.lane = naming::Lane::quick;
    results.begin({Tier::fetch, Tier::upgrade, Tier::custom});
    results.of(Tier::fetch).outcome = Outcome::pass;
    results.of(Tier::upgrade).outcome = Outcome::pass;
    results.of(Tier::custom).outcome = Outcome::skip;
    results.deploys = 1;

    EXPECT_TRUE(results.passed());
    EXPECT_EQ(note(results),
              "quick lane, lower confidence: upgrade passed, custom skipped, deploys 1");
    EXPECT_EQ(to_json(results)["lane"], "quick");
    EXPECT_EQ(to_json(results)["level"], nullptr);
    const test::JsonSchema schema{nlohmann::json::parse(
        base::try_read_file(CCCI_SOURCE_DIR "/docs/schemas/results.schema.json").value_or(""))};
    EXPECT_EQ(schema.first_error(to_json(results)), "");
}

TEST(ResultsTest, AreSummedUpInALinePerTier) {
    Results results = passed();
    results.of(Tier::install).outcome = Outcome::fail;
    results.of(Tier::install).message = "not healthy";

    EXPECT_EQ(summary(results), (std::vector<std::string>{
                                    "fetch    passed", "install  failed     1min 1s  not healthy",
                                    "level 0 of 5 (install: failed), deploys 1"}));
}

TEST(ResultsTest, TellTheirVerdict) {
    Results results = passed();
    EXPECT_EQ(to_json(results)["verdict"], "passed");

    results.of(Tier::install).outcome = Outcome::fail;
    EXPECT_EQ(to_json(results)["verdict"], "failed");

    results.error = "connect to docker: refused";
    EXPECT_EQ(to_json(results)["verdict"], "error");

    results.finished.reset();
    EXPECT_EQ(to_json(results)["verdict"], "running");
}

TEST(ResultsTest, HaveTheFormOfTheirSchema) {
    const test::JsonSchema schema{nlohmann::json::parse(
        base::try_read_file(CCCI_SOURCE_DIR "/docs/schemas/results.schema.json").value_or(""))};
    Results results = begun();
    EXPECT_EQ(schema.first_error(to_json(results)), "");

    results = passed();
    results.ref = "main";
    Settings settings = default_settings({});
    apply_settings(settings, R"({"env": {"A": "x"}, "skip": {"custom": "x"}})", "cc-ci.json",
                   "site");
    results.manifest =
        to_json(make_manifest(settings, {{"tests/compose.cc-ci.yml", "recipe", "/x"}}, {},
                              {Tier::install, Tier::custom}));
    results.pull_request = "2";
    results.commit = std::string(40, 'a');
    results.of(Tier::install)
        .tests.push_back(
            {"install/a", "recipe", Outcome::pass, "", std::chrono::milliseconds{1234}});
    results.dependencies.push_back(
        {.recipe = "mail", .domain = "mail-0a1b2c.ci.example.net", .commit = {}});
    nlohmann::json json = to_json(results);
    EXPECT_EQ(schema.first_error(json), "");
    EXPECT_EQ(json["tiers"].size(), naming::k_tiers.size());
    EXPECT_EQ(json["tiers"][1]["tests"][0]["seconds"], 1.234);
    EXPECT_EQ(json["level"], nlohmann::json::parse(R"({"reached": 1, "of": 5,
                                 "capped_by": "upgrade", "because": "not-run"})"));

    json["deploys"] = -1;
    EXPECT_EQ(schema.first_error(json), "$.deploys: -1 is out of range");
}

}  // namespace
}  // namespace ccci::recipe
