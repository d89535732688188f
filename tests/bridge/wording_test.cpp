#include "bridge/wording.hpp"

#include <gtest/gtest.h>

namespace ccci::bridge {
namespace {

using std::chrono::seconds;

const Places k_places{.dashboard = "", .builds = "https://drone.example.net/ops/ci"};

Errand errand(Step step) {
    Errand result;
    result.comment = 31;
    result.repository = "recipes/immich";
    result.pull_request = 7;
    result.author = "maria";
    result.step = step;
    result.commit = "4f2c9e1d5ab6c7e8f90123456789abcdef012345";
    return result;
}

Errand following() {
    Errand result = errand(Step::following);
    result.build = 291;
    result.progress = "upgrade";
    result.is_running = true;
    return result;
}

Errand over(Ending ending, const std::string& reason = "") {
    Errand result = following();
    result.step = Step::over;
    result.progress.clear();
    result.result = Result{.ending = ending, .reason = reason, .took = seconds{372}};
    return result;
}

std::string text_of(const std::vector<Errand>& errands, const Places& places = k_places) {
    std::vector<const Errand*> pointers;
    for (const Errand& each : errands) {
        pointers.push_back(&each);
    }
    Reply reply;
    reply.marker = "12ab";
    return comment_text(pointers, reply, places);
}

TEST(CommentTextTest, TellsOfAnErrandFromItsBeginning) {
    EXPECT_EQ(text_of({errand(Step::ready)}),
              "<!-- cc-ci 12ab -->\n**Queued**\ncommit `4f2c9e1d5a`, asked for by `maria`\n");
    EXPECT_EQ(text_of({following()}),
              "<!-- cc-ci 12ab -->\n**Running**: `upgrade`\n"
              "[run 291](https://drone.example.net/ops/ci/291), commit `4f2c9e1d5a`, asked for by "
              "`maria`\n");
}

TEST(CommentTextTest, SaysWhyItDoesNotGoOn) {
    Errand troubled = errand(Step::ready);
    troubled.trouble = "Drone does not answer";
    EXPECT_NE(text_of({troubled})
                  .find("\nIt does not go on: `Drone does not answer`. It is tried again.\n"),
              std::string::npos);
}

TEST(CommentTextTest, EndsWithTheTiers) {
    Errand failed = over(Ending::failed, "the job exited with 1");
    failed.result->summary =
        Summary{.lane = "full",
                .level = "level 1 of 5 (upgrade: failed)",
                .tiers = {{"install", "passed", "", 41}, {"upgrade", "failed", "exit 1", 0}}};
    EXPECT_EQ(text_of({failed}),
              "<!-- cc-ci 12ab -->\n"
              "**Failed, level 1 of 5 (upgrade: failed)** after 6min 12s: `the job exited with 1`\n"
              "[run 291](https://drone.example.net/ops/ci/291), commit `4f2c9e1d5a`, asked for by "
              "`maria`\n"
              "\n"
              "| tier | result | time | |\n"
              "|---|---|---|---|\n"
              "| install | passed | 41s |  |\n"
              "| upgrade | failed |  | `exit 1` |\n");
}

TEST(CommentTextTest, MarksAQuickRun) {
    Errand quick = over(Ending::passed);
    quick.lane = naming::Lane::quick;
    quick.result->summary = Summary{.lane = "quick", .level = "level 5 of 5", .tiers = {}};
    const std::string text = text_of({quick});
    EXPECT_NE(text.find("**Passed (quick, lower confidence)**"), std::string::npos) << text;
    EXPECT_EQ(text.find("level"), std::string::npos) << text;
}

TEST(CommentTextTest, HasALineForTheOnesBefore) {
    std::vector<Errand> many;
    for (int each = 0; each < 6; ++each) {
        many.push_back(over(Ending::failed));
        many.back().build = 280 + each;
    }
    many.push_back(following());
    const std::string text = text_of(many);
    EXPECT_NE(text.find("**Running**"), std::string::npos);
    EXPECT_NE(text.find("\nBefore that:\n\n- Failed: [run 285]"), std::string::npos) << text;
    EXPECT_NE(text.find("- Failed: [run 283]"), std::string::npos);
    EXPECT_EQ(text.find("[run 282]"), std::string::npos);
}

TEST(CommentTextTest, LinksToTheDashboardWhereThereIsOne) {
    Errand seen = following();
    seen.run = "291-2";
    EXPECT_NE(text_of({seen}, {.dashboard = "https://ci.example.net", .builds = ""})
                  .find("[run 291](https://ci.example.net/runs/291-2)"),
              std::string::npos);
}

TEST(CommentTextTest, LetsNobodySpeakOutsideOfCode) {
    const std::string hostile =
        "@all <img src=x onerror=alert(1)> [a](http://b) `@c` | #1\n# http://d";
    Errand evil = over(Ending::failed, hostile);
    evil.author = hostile;
    evil.result->summary =
        Summary{.lane = "", .level = "", .tiers = {{"lint", "failed", hostile, 0}}};
    Errand stuck = following();
    stuck.trouble = hostile;
    stuck.progress = hostile;
    for (const std::string& text : {text_of({evil}), text_of({stuck}), text_of({evil, stuck})}) {
        std::string outside;
        bool inside = false;
        for (const char c : text) {
            inside = c == '`' ? !inside : inside && c != '\n';
            outside += inside ? "" : std::string{c};
        }
        for (const char* word : {"@", "<img", "http://", "#", "[a]"}) {
            EXPECT_EQ(outside.find(word), std::string::npos) << word << " in " << outside;
        }
    }
}

TEST(CommitStatusTest, IsGreenOnlyForWhatPassed) {
    const std::vector<std::pair<Ending, const char*>> states{
        {Ending::passed, "success"},      {Ending::failed, "failure"},
        {Ending::cancelled, "error"},     {Ending::superseded, "error"},
        {Ending::deadline, "failure"},    {Ending::killed, "error"},
        {Ending::out_of_memory, "error"}, {Ending::refused, "error"},
        {Ending::leftovers, "failure"},   {Ending::error, "error"},
        {Ending::skipped, "error"},       {Ending::not_started, "error"},
        {Ending::lost, "error"}};
    for (const auto& [ending, state] : states) {
        EXPECT_EQ(commit_status(over(ending), k_places).state, state) << headline(ending);
    }
    EXPECT_EQ(commit_status(following(), k_places).state, "pending");
}

TEST(CommitStatusTest, KeepsAQuickRunApart) {
    Errand quick = over(Ending::passed);
    EXPECT_EQ(commit_status(quick, k_places).context, "cc-ci");
    quick.lane = naming::Lane::quick;
    const gitea::CommitStatus status = commit_status(quick, k_places);
    EXPECT_EQ(status.context, "cc-ci/quick");
    EXPECT_EQ(status.description, "Passed (quick, lower confidence)");
    EXPECT_EQ(status.url, "https://drone.example.net/ops/ci/291");
}

TEST(CommitStatusTest, HasOneShortLine) {
    const gitea::CommitStatus status =
        commit_status(over(Ending::failed, std::string(500, 'x') + "\n\x01"), k_places);
    EXPECT_LE(status.description.size(), 150U);
    EXPECT_EQ(status.description.find('\n'), std::string::npos);
}

}  // namespace
}  // namespace ccci::bridge
