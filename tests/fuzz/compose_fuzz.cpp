#include "recipe/compose.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "fuzz/fuzz.hpp"
#include "recipe/recipe_error.hpp"

// Compose files, divided by lines with "%%" alone: a RecipeError in one line, or services, images
// and secrets that are sorted and have no variable left in them.

namespace ccci::fuzz {

void check(std::string_view input) {
    std::vector<recipe::ComposeFile> files;
    std::string text{input};
    for (std::size_t at = 0; at != std::string::npos && files.size() < 4;) {
        const std::size_t end = text.find("\n%%\n", at);
        files.push_back({"compose.yml", text.substr(at, end - at)});
        at = end == std::string::npos ? end : end + 4;
    }
    try {
        const recipe::Compose compose =
            recipe::read_compose(files, {{"STACK_NAME", "app_example_net"}, {"TAG", "1"}});
        require(!compose.services.empty(), "there are services");
        require(std::ranges::is_sorted(compose.services, {}, &recipe::ComposeService::name) &&
                    std::ranges::is_sorted(compose.images),
                "sorted");
        require(std::ranges::is_sorted(compose.external_secrets, {}, &recipe::ExternalSecret::key),
                "sorted");
    } catch (const recipe::RecipeError& error) {
        require(is_printable(error.what()), "a complaint is one printable line", error.what());
    }
}

}  // namespace ccci::fuzz
