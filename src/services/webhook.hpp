#pragma once

#include <functional>
#include <string>

#include "bridge/admission.hpp"
#include "gitea/payload.hpp"
#include "web/message.hpp"

namespace ccci::services {

/// Takes a comment that a webhook has brought; when it returns that the comment was admitted, that
/// will survive whatever happens.
using TakeComment =
    std::function<bridge::Admission(const gitea::Comment& comment, const std::string& delivery)>;

/// To a delivery of Gitea: 202 when it was taken or there is nothing to take, 401 for a wrong
/// signature, 400 for what is no such delivery. The body is looked at only if it is signed.
web::Answer answer_webhook(const web::Request& request, const std::string& secret,
                           const TakeComment& take);

}  // namespace ccci::services
