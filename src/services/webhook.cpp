#include "services/webhook.hpp"

#include <fmt/format.h>

#include <stdexcept>

#include "bridge/signature.hpp"

namespace ccci::services {

namespace {

constexpr std::size_t k_longest_delivery = 100;

web::Answer say(int status, std::string_view text) {
    return {.status = status, .body = fmt::format("{}\n", text)};
}

}  // namespace

web::Answer answer_webhook(const web::Request& request, const std::string& secret,
                           const TakeComment& take) {
    const std::string signature = request.header("X-Gitea-Signature").value_or("");
    if (!bridge::is_signed(request.body, signature, secret)) {
        return say(401, "the signature is not that of the body with the secret");
    }
    // A review's comment is an event of another kind, with much the same in it.
    if (request.header("X-Gitea-Event") != "issue_comment") {
        return say(202, "nothing to do: not about a comment");
    }
    const std::string delivery = request.header("X-Gitea-Delivery").value_or("");
    if (delivery.size() > k_longest_delivery) {
        return say(400, "X-Gitea-Delivery is too long");
    }
    try {
        const auto comment = gitea::parse_comment_event(request.body);
        if (!comment) {
            return say(202, "nothing to do: not a new comment on a pull request");
        }
        const bridge::Admission admission = take(*comment, delivery);
        return admission == bridge::Admission::admitted
                   ? say(202, "taken")
                   : say(202, fmt::format("nothing to do: {}", bridge::describe(admission)));
    } catch (const std::invalid_argument& error) {
        return say(400, error.what());
    }
}

}  // namespace ccci::services
