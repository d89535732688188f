#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ccci::gitea {

using Time = std::chrono::system_clock::time_point;

/// A comment on a pull request. Every text in it is as somebody wrote it.
struct Comment {
    std::int64_t id = 0;
    std::string repository;  ///< "owner/name"; empty where the list that it came from is of one
    std::int64_t pull_request = 0;
    std::string author;
    std::string body;
    Time created;
    Time updated;

    bool operator==(const Comment&) const = default;
};

/// One page of a list of comments.
struct CommentPage {
    std::vector<Comment> comments;  ///< those on pull requests
    std::size_t size = 0;           ///< of the page, with those on issues
};

/// What a pull request asks to be merged.
struct Head {
    std::string commit;
    std::string repository;  ///< "owner/name" of where it is; empty: that is gone
    bool open = true;

    bool operator==(const Head&) const = default;
};

/// A time as Gitea writes it: in UTC ("2026-03-01T09:22:30Z") or with the server's offset
/// ("2026-03-01T10:22:30+01:00").
std::optional<Time> parse_time(const std::string& text);
/// In UTC, to the second: for a query.
std::string format_time(Time time);

/// What a webhook says of a comment that was made on a pull request (IssueCommentPayload). nullopt
/// for one that was edited or deleted, or is on an issue, and for another kind of event. Throws
/// std::invalid_argument for what is no such payload at all.
std::optional<Comment> parse_comment_event(std::string_view text);

/// The same for a page of a repository's comments. Throws std::invalid_argument.
CommentPage parse_comments(std::string_view text);

/// Throws std::invalid_argument.
Head parse_pull_request(std::string_view text);

/// The id of the first comment in a page with this text in its body; nullopt: none of them has it.
/// Throws std::invalid_argument.
std::optional<std::int64_t> find_comment(std::string_view text, const std::string& marker);

/// The id of what was just made. Throws std::invalid_argument.
std::int64_t parse_id(std::string_view text);

/// The right of a user: "none", "read", "write", "admin" or "owner". Throws std::invalid_argument.
std::string parse_permission(std::string_view text);

/// The login of a user. Throws std::invalid_argument.
std::string parse_login(std::string_view text);

}  // namespace ccci::gitea
