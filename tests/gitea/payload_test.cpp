#include "gitea/payload.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace ccci::gitea {
namespace {

using nlohmann::json;

const Time k_time = std::chrono::system_clock::from_time_t(1'772'356'950);

json comment() {
    return {{"id", 31},
            {"user", {{"login", "maria"}}},
            {"body", "!testme"},
            {"pull_request_url", "https://git.example.net/recipes/immich/pulls/7"},
            {"issue_url", ""},
            {"created_at", "2026-03-01T09:22:30Z"},
            {"updated_at", "2026-03-01T10:22:31+01:00"}};
}

json event() {
    return {{"action", "created"},
            {"issue", {{"number", 7}, {"pull_request", {{"merged", false}}}}},
            {"comment", comment()},
            {"repository", {{"full_name", "recipes/immich"}}}};
}

Comment expected() {
    return {.id = 31,
            .repository = "recipes/immich",
            .pull_request = 7,
            .author = "maria",
            .body = "!testme",
            .created = k_time,
            .updated = k_time + std::chrono::seconds{1}};
}

TEST(CommentEventTest, SaysWhoSaidWhatWhere) {
    EXPECT_EQ(parse_comment_event(event().dump()), expected());
}

TEST(CommentEventTest, IsNoneWhenNothingNewWasSaidOfAPullRequest) {
    for (const char* action : {"edited", "deleted", "opened", ""}) {
        json other = event();
        other["action"] = action;
        EXPECT_EQ(parse_comment_event(other.dump()), std::nullopt) << action;
    }
    json of_an_issue = event();
    of_an_issue["issue"]["pull_request"] = nullptr;
    EXPECT_EQ(parse_comment_event(of_an_issue.dump()), std::nullopt);
    of_an_issue["issue"].erase("pull_request");
    EXPECT_EQ(parse_comment_event(of_an_issue.dump()), std::nullopt);
    json of_a_review = event();
    of_a_review.erase("comment");
    EXPECT_EQ(parse_comment_event(of_a_review.dump()), std::nullopt);
}

TEST(CommentEventTest, RefusesWhatIsNone) {
    for (const char* text : {"", "{", "null", "[]", "7", "\"created\"", "{}", R"({"action": 1})",
                             R"({"action": "created", "comment": {}})"}) {
        EXPECT_THROW((void)parse_comment_event(text), std::invalid_argument) << text;
    }
    const std::vector<std::pair<const char*, json>> wrong{
        {"/comment/id", -1},         {"/comment/id", "31"},
        {"/comment/id", 1e30},       {"/comment/body", nullptr},
        {"/comment/user", nullptr},  {"/comment/user/login", 7},
        {"/comment/created_at", ""}, {"/comment/updated_at", "yesterday"},
        {"/issue/number", 1.5},      {"/repository/full_name", json::array()}};
    for (const auto& [path, value] : wrong) {
        json other = event();
        other[json::json_pointer{path}] = value;
        EXPECT_THROW((void)parse_comment_event(other.dump()), std::invalid_argument) << path;
    }
}

TEST(CommentsTest, AreThoseOnPullRequests) {
    json on_an_issue = comment();
    on_an_issue["pull_request_url"] = "";
    const json list{comment(), on_an_issue};

    const CommentPage page = parse_comments(list.dump());

    Comment of_the_list = expected();
    of_the_list.repository = "";
    EXPECT_EQ(page.comments, std::vector{of_the_list});
    EXPECT_EQ(page.size, 2U);
}

TEST(CommentsTest, RefusesWhatIsNoList) {
    for (const char* text :
         {"", "{}", "null", "[1]", "[null]", R"([{"pull_request_url": "x/7"}])"}) {
        EXPECT_THROW((void)parse_comments(text), std::invalid_argument) << text;
    }
    EXPECT_EQ(parse_comments("[{}]").comments.size(), 0U);
}

TEST(PullRequestTest, HasAHeadThatMayBeOfAFork) {
    const json pull_request{{"state", "open"},
                            {"head", {{"sha", "4f2c"}, {"repo", {{"full_name", "eve/immich"}}}}}};
    EXPECT_EQ(parse_pull_request(pull_request.dump()),
              (Head{.commit = "4f2c", .repository = "eve/immich", .open = true}));

    const json orphan{{"state", "closed"}, {"head", {{"sha", "4f2c"}, {"repo", nullptr}}}};
    EXPECT_EQ(parse_pull_request(orphan.dump()),
              (Head{.commit = "4f2c", .repository = "", .open = false}));

    EXPECT_THROW((void)parse_pull_request(R"({"state": "open"})"), std::invalid_argument);
}

TEST(FindCommentTest, TakesTheFirstThatHasTheMarker) {
    const json list{{{"id", 1}, {"body", "hello"}},
                    {{"id", 2}, {"body", "<!-- cc-ci 12ab -->"}},
                    {{"id", 3}, {"body", "> <!-- cc-ci 12ab -->"}}};
    EXPECT_EQ(find_comment(list.dump(), "12ab"), 2);
    EXPECT_EQ(find_comment(list.dump(), "12ac"), std::nullopt);
    EXPECT_THROW((void)find_comment("{}", "12ab"), std::invalid_argument);
}

TEST(GiteaTimeTest, IsInUtcOrHasAnOffset) {
    for (const char* text : {"2026-03-01T09:22:30Z", "2026-03-01T10:22:30+01:00",
                             "2026-03-01T03:52:30-05:30", "2026-03-01T09:22:30.000Z"}) {
        EXPECT_EQ(parse_time(text), k_time) << text;
    }
    for (const char* text : {"", "Z", "2026-03-01", "2026-03-01T09:22:30", "2026-03-01T09:22:30Zz",
                             "2026-03-01T09:22:30+", "2026-03-01T09:22:30+01",
                             "2026-03-01T09:22:30+01:", "2026-03-01T09:22:30+0100",
                             "2026-03-01T09:22:30+a1:00", "0000-00-00T00:00:00Z"}) {
        EXPECT_EQ(parse_time(text), std::nullopt) << text;
    }
    EXPECT_EQ(format_time(k_time), "2026-03-01T09:22:30Z");
}

}  // namespace
}  // namespace ccci::gitea
