#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "engine/client.hpp"
#include "fuzz/fuzz.hpp"
#include "platform/inventory.hpp"
#include "platform/stack_teardown.hpp"

// Listings of the Docker engine. A json::exception, or objects: of these the run apps are what the
// pattern says and nothing else, and an object belongs to one stack.

namespace ccci::fuzz {

namespace {

using nlohmann::json;

constexpr std::array k_kinds{platform::Kind::service,   platform::Kind::task,
                             platform::Kind::container, platform::Kind::network,
                             platform::Kind::config,    platform::Kind::secret,
                             platform::Kind::volume};

}  // namespace

void check(std::string_view input) {
    static const auto k_pattern = run::RunAppPattern::for_base_domain("ci.example.net");
    const platform::Kind kind = k_kinds[take_byte(input) % k_kinds.size()];
    const json listing = json::parse(input, nullptr, false);
    const engine::Answer answer{.request = "GET /x", .status = 500, .body = listing};
    require(is_printable(answer.message()), "an error of the engine is one printable line");

    std::vector<platform::Object> objects;
    try {
        objects = platform::parse_objects(kind, listing);
    } catch (const json::exception&) {
        return;
    }
    for (const platform::App& app : platform::find_apps(objects, k_pattern)) {
        require(k_pattern.matches(app.domain), "a run app", app.domain);
    }
    for (const platform::Object& object : objects) {
        const std::string owner = platform::owner_of(object, {"a", "a_b"}, k_pattern);
        require(owner.empty() || owner == object.stack || object.name.starts_with(owner + "_"),
                "a name begins with its owner's", object.name);
        require(!object.stack.empty() || !object.name.starts_with("a_b_") || owner != "a",
                "what is a_b's is not a's", object.name);
    }
    for (const platform::Step& step : platform::plan_removal(objects)) {
        require(std::ranges::find(objects, step.object) != objects.end(), "one of those listed");
    }
}

}  // namespace ccci::fuzz
