#include "recipe/bring_up.hpp"
#include "recipe/log.hpp"

namespace ccci::recipe {

Outcome run_custom(RecipeRun& run, TierResult& result) {
    run_tier_hooks(run, result.tier, "pre_custom");
    const bool tested = run_tier_tests(run, result);
    // Whatever the tests did to it, it must have survived.
    log("still healthy ({})", become_healthy(run));
    if (!tested) {
        result.message = "no custom tests";
        return Outcome::skip;
    }
    return Outcome::pass;
}

}  // namespace ccci::recipe
