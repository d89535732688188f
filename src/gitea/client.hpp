#pragma once

#include <optional>
#include <string>

#include "gitea/payload.hpp"
#include "http/client.hpp"

namespace ccci::gitea {

/// What Gitea shows beside a commit.
struct CommitStatus {
    std::string state;  ///< pending, success, failure or error
    std::string context;
    std::string description;
    std::string url;  ///< empty: none
};

/// The part of Gitea's API that the bridge needs, with the rights of one token. Every call blocks,
/// and throws http::NoAnswer, http::Refused, or std::invalid_argument for an answer that is not
/// what was asked for. Repositories are "owner/name", checked by the caller.
class Client {
public:
    /// The client is borrowed.
    Client(http::Client& http, const std::string& server, const std::string& token);

    /// Comments of a repository that were made or edited since then, a page of them, from 1 on.
    struct Listed {
        CommentPage page;
        std::optional<std::size_t> total;  ///< of all pages
        std::optional<Time> server_time;
    };
    Listed comments_since(const std::string& repository, Time since, int page);

    Head pull_request(const std::string& repository, std::int64_t number);

    /// nullopt: the token's user is not in the organisation itself, and may not know.
    std::optional<bool> is_member(const std::string& organization, const std::string& user);
    bool is_collaborator(const std::string& repository, const std::string& user);

    /// Returns the id of the new comment.
    std::int64_t make_comment(const std::string& repository, std::int64_t pull_request,
                              const std::string& body);
    void edit_comment(const std::string& repository, std::int64_t comment, const std::string& body);
    /// The first comment on the pull request whose body has this text.
    std::optional<std::int64_t> find_comment(const std::string& repository,
                                             std::int64_t pull_request, const std::string& marker,
                                             Time since);

    void set_status(const std::string& repository, const std::string& commit,
                    const CommitStatus& status);

    /// The login of the token's user.
    std::string login();
    /// Whether a user may push to the repository, which is what setting a status takes. Of others
    /// than the token's own user only an administrator is told.
    bool may_push(const std::string& repository, const std::string& user);

private:
    http::Answer send(const std::string& method, const std::string& path,
                      const std::string& body = "");

    http::Client& http_;
    std::string api_;
    std::string authorization_;
};

}  // namespace ccci::gitea
