#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "scenarios/warm_scenario.hpp"

// How a canonical state comes, changes and goes.

namespace ccci::test {
namespace {

class WarmChangesScenario : public WarmScenario {
protected:
    /// Kills the first program that comes to the fail point; the code of the run.
    int call_killed_at(const std::string& point, const std::vector<std::string>& arguments) {
        const fs::path hits = dir_.path() / fmt::format("hits-{}", ++kills_);
        fs::create_directory(hits);
        const int code = call(
            arguments, {"CCCI_FAILPOINT=" + point + ":kill", "CCCI_FAILPOINT_DIR=" + hits.native()},
            CCCI_BUILD "/failing/bin/cc-ci");
        EXPECT_TRUE(fs::exists(hits / (point + ".hit"))) << output_;
        return code;
    }
    nlohmann::json warm_app() {
        EXPECT_EQ(call({"warm", "list", "--json"}), 0) << output_;
        return nlohmann::json::parse(output_).at(0);
    }
    static std::string everything() {
        return shell("docker service ls -q; docker ps -aq; docker config ls -q") + belongings();
    }
    [[nodiscard]] std::string entries_of_state() const {
        return shell("ls " + (state_ / "warm" / "guestbook").native());
    }

    int kills_ = 0;
};

TEST_F(WarmChangesScenario, PromotesWhatAGreenRunHasTested) {
    const auto promote_after = [&](const std::string& id, const std::string& promotion) {
        return std::vector<std::string>{"warm",    "promote", "--recipe", "guestbook",
                                        "--after", id,        "--run-id", promotion};
    };
    const auto full_argv = [&](const std::string& id, const std::string& pull_request) {
        return std::vector<std::string>{
            "recipe", "--recipe",   "guestbook", "--src",   source_.path(), "--ref", "main",
            "--pr",   pull_request, "--stages",  "install", "--run-id",     id};
    };
    const std::string tested = source_.git({"rev-parse", "main"});
    ASSERT_EQ(call(full_argv("full", "")), 0) << output_;
    ASSERT_EQ(call(full_argv("of-a-pull-request", "2")), 0) << output_;
    source_.commit("README.md", "nobody has tested this");

    EXPECT_EQ(call(promote_after("none", "1")), 2);
    EXPECT_TRUE(said("--after none: ")) << output_;
    EXPECT_EQ(call(promote_after("of-a-pull-request", "2")), 2);
    EXPECT_TRUE(said("what it tested is not what is published")) << output_;
    EXPECT_EQ(everything(), "");

    ASSERT_EQ(call(promote_after("full", "3")), 0) << output_;

    EXPECT_EQ(warm_app().at("commit"), tested);
    EXPECT_EQ(warm_app().at("touched"), false);
    EXPECT_EQ(call(promote_after("3", "4")), 2);
    EXPECT_TRUE(said("it is no full run that passed")) << output_;
}

TEST_F(WarmChangesScenario, APromotionThatIsKilledBeforeTheSwitchChangesNothing) {
    EXPECT_EQ(call_killed_at("warm.archived", promote_argv("1", "main")), 137) << output_;
    EXPECT_TRUE(said("teardown clean")) << output_;
    EXPECT_EQ(everything(), "") << "there was no state before";
    EXPECT_FALSE(fs::exists(state_ / "warm" / "guestbook"));

    ASSERT_NO_FATAL_FAILURE(make_warm_app());
    const std::string entries = entries_of_state();
    branch("next");
    EXPECT_EQ(call_killed_at("warm.archived", promote_argv("2", "next")), 137) << output_;
    EXPECT_TRUE(said("teardown clean")) << output_;

    EXPECT_EQ(warm_app().at("commit"), source_.git({"rev-parse", "main"}));
    EXPECT_EQ(entries_of_state(), entries);
    expect_canonical();
}

TEST_F(WarmChangesScenario, ARemovalTakesAllOfItAlsoWhenItIsKilled) {
    const std::vector<std::string> removal{"warm", "remove", "--recipe", "guestbook"};
    EXPECT_EQ(call(removal), 2);
    EXPECT_TRUE(said("has no warm app")) << output_;
    ASSERT_NO_FATAL_FAILURE(make_warm_app());

    EXPECT_EQ(call_killed_at("warm.touched", removal), 137) << output_;

    EXPECT_TRUE(said("teardown clean")) << output_;
    EXPECT_EQ(everything(), "");
    EXPECT_FALSE(fs::exists(state_ / "warm" / "guestbook"));
    EXPECT_FALSE(fs::exists(dir_.path() / "abra/servers/default" / (std::string{k_warm} + ".env")));
    EXPECT_EQ(call(quick_argv("1", "main")), 2);
}

}  // namespace
}  // namespace ccci::test
