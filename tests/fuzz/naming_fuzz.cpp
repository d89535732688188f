#include "base/text.hpp"
#include "fuzz/fuzz.hpp"
#include "naming/domain.hpp"
#include "naming/stages.hpp"
#include "run/names.hpp"
#include "run/usage_error.hpp"

// What a recipe run is called: recipe, pull request, ref, base domain and stages, one a line. The
// domain that comes of accepted names is a run app below that base domain, or is refused.

namespace ccci::fuzz {

namespace {

void check_stages(const std::string& text) {
    const std::vector<naming::Tier> tiers = naming::parse_stages(text);
    std::vector<std::string> names;
    for (const naming::Tier tier : tiers) {
        names.emplace_back(naming::to_string(tier));
    }
    require(!tiers.empty() && tiers.front() == naming::Tier::fetch, "fetch comes first", text);
    require(naming::parse_stages(base::join(names, ",")) == tiers, "stages lead back", text);
}

}  // namespace

void check(std::string_view input) {
    try {
        const std::string recipe = run::check_recipe(take_line(input));
        const std::string pull_request = run::check_pull_request(take_line(input));
        const std::string ref = run::check_ref(take_line(input));
        const std::string base_domain = run::check_domain(take_line(input));
        const std::string stages = take_line(input);
        const std::string domain = naming::run_app_domain(recipe, pull_request, ref, base_domain);
        require(run::check_domain(domain) == domain, "a domain", domain);
        require(run::RunAppPattern::for_base_domain(base_domain).matches(domain),
                "the janitor knows it as a run app", domain);
        check_stages(stages);
    } catch (const run::UsageError& error) {
        require(is_printable(error.what()), "a complaint is one printable line", error.what());
    }
}

}  // namespace ccci::fuzz
