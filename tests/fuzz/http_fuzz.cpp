#include <string>

#include "fuzz/fuzz.hpp"
#include "web/framing.hpp"
#include "web/router.hpp"

// The bytes of a client. Where a request ends does not depend on how it comes in, and whatever it
// is, there is one answer to it.

namespace ccci::fuzz {

void check(std::string_view input) {
    using web::Framing;
    const web::Limits limits{.head = 2000, .body = 500};
    const Framing whole = web::frame(input, limits);
    // What was decided stays so, however much follows.
    for (std::size_t size = 0; size < input.size(); size += 1 + input.size() / 16) {
        const Framing part = web::frame(input.substr(0, size), limits);
        require(part.state == Framing::State::incomplete ||
                    (part.state == whole.state && part.size == whole.size &&
                     part.status == whole.status),
                "decided once", input);
    }
    if (whole.state != Framing::State::complete) {
        return;
    }
    require(whole.size <= input.size() && whole.size <= limits.head + 4 + limits.body,
            "no more than the limits", input);
    web::Router router{[](const std::string&) {}};
    std::string body;
    const auto handler = [&](const web::Request& request) {
        body = request.body;
        return web::Answer{.body = request.path};
    };
    router.get("/([a-z]+)", handler);
    router.post("/([a-z]+)", handler);
    const web::Reply reply = router.reply(input.substr(0, whole.size));
    require(reply.bytes.rfind("HTTP/1.1 ", 0) == 0, "an answer", reply.bytes);
    require(reply.bytes.find("\r\n\r\n") != std::string::npos, "a whole head", reply.bytes);
    require(body.size() <= limits.body, "a body within the limits", body);
}

}  // namespace ccci::fuzz
