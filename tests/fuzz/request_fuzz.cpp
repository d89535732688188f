#include "run/request.hpp"

#include <stdexcept>

#include "fuzz/fuzz.hpp"

// The encoded request, as it comes over the link and out of the run directory: refused with
// std::runtime_error, or whole: it is the same after another journey, and the harness can count
// with its times.

namespace ccci::fuzz {

void check(std::string_view input) {
    run::Request request;
    try {
        request = run::decode_request(std::string{input});
    } catch (const std::runtime_error&) {
        return;
    }
    require(run::decode_request(run::encode(request)) == request, "the same after a journey");
    require(!request.job.argv.empty() && (!request.teardown || !request.teardown->argv.empty()),
            "a program has a name");
    for (const auto span : {request.deadline, request.teardown_budget, request.stop_grace}) {
        require(span.count() >= 0 && span <= std::chrono::hours{24 * 365 * 100},
                "a time that a clock can hold", std::to_string(span.count()));
    }
}

}  // namespace ccci::fuzz
