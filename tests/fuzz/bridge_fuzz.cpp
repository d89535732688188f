#include "bridge/admission.hpp"
#include "bridge/signature.hpp"
#include "bridge/trigger.hpp"
#include "fuzz/fuzz.hpp"
#include "services/webhook.hpp"

// What comes to the bridge's webhook, properly signed or not. Every body gets one of three answers;
// what is taken is a trigger, comes back from the disk as it was, and is taken once.

namespace ccci::fuzz {

namespace {

const std::vector<std::string> k_repositories{"recipes/immich"};

web::Request request_with(std::string body, const std::string& signature) {
    web::Request request;
    request.method = "POST";
    request.headers = {{"X-Gitea-Event", "issue_comment"},
                       {"X-Gitea-Delivery", "d"},
                       {"X-Gitea-Signature", signature}};
    request.body = std::move(body);
    return request;
}

}  // namespace

void check(std::string_view input) {
    bridge::State state;
    const auto take = [&](const gitea::Comment& comment, const std::string& delivery) {
        return bridge::admit(state, comment, delivery, k_repositories);
    };
    const std::string body{input};
    const auto refused = services::answer_webhook(request_with(body, body), "secret", take);
    require(refused.status == 401 && state.errands.empty(), "unsigned is refused", input);

    const web::Request delivery = request_with(body, bridge::sign(body, "secret"));
    const auto answer = services::answer_webhook(delivery, "secret", take);
    require(answer.status == 202 || answer.status == 400, "taken or refused", answer.body);
    require(is_printable(answer.body.substr(0, answer.body.size() - 1)), "one line", answer.body);
    const bridge::State once = state;
    (void)services::answer_webhook(delivery, "secret", take);
    require(state == once, "taken once", input);
    require(state.errands.size() <= 1, "one errand", input);
    for (const bridge::Errand& errand : state.errands) {
        require(errand.repository == k_repositories.front() && errand.pull_request > 0 &&
                    errand.comment > 0,
                "of a configured repository", input);
    }
}

}  // namespace ccci::fuzz
