#include "recipe/junit.hpp"

#include <gtest/gtest.h>

#include <pugixml.hpp>

namespace ccci::recipe {
namespace {

using naming::Tier;

Results half_done() {
    Results results;
    results.run_id = "291";
    results.recipe = "immich";
    results.begin({Tier::fetch, Tier::install, Tier::upgrade, Tier::custom});
    results.of(Tier::fetch).outcome = Outcome::pass;
    return results;
}

std::string value(const pugi::xml_document& document, const char* path) {
    return document.select_node(path).attribute().value();
}

class JunitTest : public testing::Test {
protected:
    void read(const Results& results) {
        const pugi::xml_parse_result parsed = document_.load_string(to_junit(results).c_str());
        ASSERT_TRUE(parsed) << parsed.description();
    }

    pugi::xml_document document_;
};

TEST_F(JunitTest, HasASuiteForEachTierAndACaseForEachTest) {
    Results results = half_done();
    TierResult& install = results.of(Tier::install);
    install.outcome = Outcome::fail;
    install.message = "1 of 3 tests failed";
    install.took = std::chrono::milliseconds{1500};
    install.tests = {{"install/a", "recipe", Outcome::pass, "", std::chrono::seconds{1}},
                     {"install/b", "recipe", Outcome::fail, "exit 1", {}},
                     {"install/c", "site", Outcome::skip, "", {}}};

    read(results);

    const char* suite = "//testsuite[@name='immich.install']/";
    EXPECT_EQ(document_.select_nodes("//testsuite").size(), 4U);
    EXPECT_EQ(value(document_, (std::string{suite} + "@tests").c_str()), "4");
    EXPECT_EQ(value(document_, (std::string{suite} + "@failures").c_str()), "2");
    EXPECT_EQ(value(document_, (std::string{suite} + "@skipped").c_str()), "1");
    EXPECT_EQ(value(document_, (std::string{suite} + "@errors").c_str()), "0");
    EXPECT_EQ(value(document_, (std::string{suite} + "@time").c_str()), "1.500");
    EXPECT_EQ(value(document_, "//testcase[@name='install/b']/failure/@message"), "exit 1");
    EXPECT_EQ(value(document_, "//testcase[@name='upgrade']/skipped/@message"),
              "an earlier tier ended the run");
}

TEST_F(JunitTest, IsNoSuccessWhileTheJobGoesOn) {
    Results results = half_done();
    results.phase = Tier::install;

    read(results);

    EXPECT_EQ(value(document_, "//testcase[@name='install']/error/@message"), "not finished");
}

TEST_F(JunitTest, TellsWhatWentWrongOutsideOfTheTiers) {
    Results results = half_done();
    results.error = "connect to docker: refused";

    read(results);

    EXPECT_EQ(value(document_, "//testsuite[@name='immich.run']//error/@message"),
              "connect to docker: refused");
}

TEST_F(JunitTest, IsMarkedInTheQuickLane) {
    Results results = half_done();
    results.lane = naming::Lane::quick;

    read(results);

    EXPECT_EQ(value(document_, "/testsuites/@name"),
              "immich run 291 (quick lane, lower confidence)");
    EXPECT_EQ(document_.select_nodes("//testsuite[@name='immich.quick.upgrade']").size(), 1U);
}

TEST_F(JunitTest, SurvivesWhatATestSays) {
    Results results = half_done();
    results.of(Tier::install).outcome = Outcome::fail;
    results.of(Tier::install).message = "\"]]></failure>\x01\xff & co\n";

    read(results);

    EXPECT_EQ(value(document_, "//testcase[@name='install']/failure/@message"),
              "\"]]></failure>\\x01\\xff & co\\x0a");
}

}  // namespace
}  // namespace ccci::recipe
