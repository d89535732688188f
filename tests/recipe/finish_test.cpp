#include "recipe/finish.hpp"

#include <gtest/gtest.h>

#include <fstream>

#include "base/files.hpp"
#include "recipe/results.hpp"
#include "support/json_schema.hpp"
#include "support/temp_dir.hpp"

namespace ccci::recipe {
namespace {

using nlohmann::json;

class FinishResultsTest : public testing::Test {
protected:
    json read() { return json::parse(base::try_read_file(results_file(dir_.path())).value_or("")); }

    test::TempDir dir_;
    platform::TeardownReport report_{
        {{"service", 2}, {"volume", 1}}, {}, std::chrono::milliseconds{1500}};
};

TEST_F(FinishResultsTest, AddsTheTeardown) {
    write_results(dir_.path(), {{"verdict", "passed"}, {"teardown", nullptr}});

    finish_results(dir_.path(), report_);

    EXPECT_EQ(read(), json::parse(R"({"verdict": "passed", "teardown": {"clean": true,
        "removed": {"service": 2, "volume": 1}, "left": [], "seconds": 1.5, "error": null}})"));
}

TEST_F(FinishResultsTest, AddsUpASecondTeardown) {
    write_results(dir_.path(), {{"verdict", "passed"}, {"teardown", nullptr}});
    report_.left = {"volume x: in use"};
    finish_results(dir_.path(), report_);

    finish_results(dir_.path(), platform::TeardownReport{{{"volume", 1}}, {}, {}});

    const json teardown = read()["teardown"];
    EXPECT_EQ(teardown["removed"], json::parse(R"({"service": 2, "volume": 2})"));
    EXPECT_EQ(teardown["clean"], true);
    EXPECT_EQ(teardown["left"], json::array());
}

TEST_F(FinishResultsTest, AddsTheTeardownOfEachDependency) {
    write_results(dir_.path(), json::parse(R"({"teardown": null, "dependencies": [
        7, {"domain": "a.b", "teardown": null}, {"domain": "c.d", "teardown": null}]})"));

    finish_results(
        dir_.path(), report_,
        {{.recipe = "c", .domain = "c.d", .how = "left to run 291", .left_to_others = true},
         {.recipe = "x", .domain = "unknown.x", .how = report_},
         {.recipe = "a", .domain = "a.b", .how = report_}});

    EXPECT_EQ(read()["dependencies"][1]["teardown"]["removed"]["volume"], 1);
    EXPECT_EQ(read()["dependencies"][2]["teardown"]["error"], "left to run 291");
}

TEST_F(FinishResultsTest, SaysThatAKilledJobDidNotFinish) {
    write_results(dir_.path(), {{"verdict", "running"}, {"teardown", nullptr}});

    finish_results(dir_.path(), "connect to docker: refused");

    EXPECT_EQ(read()["verdict"], "unfinished");
    EXPECT_EQ(read()["teardown"]["clean"], false);
    EXPECT_EQ(read()["teardown"]["error"], "connect to docker: refused");
}

TEST_F(FinishResultsTest, KeepsTheFormOfTheSchema) {
    const test::JsonSchema schema{json::parse(
        base::try_read_file(CCCI_SOURCE_DIR "/docs/schemas/results.schema.json").value_or(""))};
    Results results;
    results.begin({naming::Tier::fetch});
    write_results(dir_.path(), to_json(results));

    finish_results(dir_.path(), report_);
    EXPECT_EQ(schema.first_error(read()), "");
    finish_results(dir_.path(), "connect to docker: refused");
    EXPECT_EQ(schema.first_error(read()), "");
}

TEST_F(FinishResultsTest, TakesNothingForGrantedThatAJobMayHaveWritten) {
    for (const char* text :
         {R"({"verdict": 7})", R"({"teardown": {}})", R"({"teardown": {"removed": 1}})",
          R"({"teardown": {"removed": {"service": "two", "volume": -1, "task": 1e99}}})",
          R"({"teardown": {"seconds": "long"}})",
          R"({"teardown": {"removed": {"service": 18446744073709551615}}})"}) {
        std::ofstream{results_file(dir_.path())} << text;

        finish_results(dir_.path(), report_);

        EXPECT_EQ(read()["teardown"]["clean"], true) << text;
    }
    const std::string deep =
        "{\"x\":" + std::string(1'000'000, '[') + std::string(1'000'000, ']') + "}";
    std::ofstream{results_file(dir_.path())} << deep;
    finish_results(dir_.path(), report_);
    EXPECT_EQ(base::try_read_file(results_file(dir_.path())), deep);
}

TEST_F(FinishResultsTest, LeavesAloneWhatIsNoResults) {
    finish_results(dir_.path(), report_);
    EXPECT_FALSE(std::filesystem::exists(results_file(dir_.path())));

    std::ofstream{results_file(dir_.path())} << "{\"half\":";
    finish_results(dir_.path(), report_);
    EXPECT_EQ(base::try_read_file(results_file(dir_.path())), "{\"half\":");
}

}  // namespace
}  // namespace ccci::recipe
