#include "recipe/warm_record.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <stdexcept>
#include <vector>

#include "base/text.hpp"
#include "run/names.hpp"

namespace ccci::recipe {

namespace {

using nlohmann::json;

constexpr int k_form = 1;
constexpr std::size_t k_short = 7;

}  // namespace

std::string WarmRecord::name() const {
    const std::string shown = commit.substr(0, k_short);
    return release.empty() ? shown : fmt::format("{} ({})", release, shown);
}

std::string to_text(const WarmRecord& record) {
    const json text{{"version", k_form},
                    {"recipe", record.recipe},
                    {"domain", record.domain},
                    {"commit", record.commit},
                    {"release", record.release},
                    {"run", record.run_id},
                    {"promoted", base::format_time(record.promoted)},
                    {"volumes", record.belongings.volumes},
                    {"secrets", record.belongings.secrets}};
    return text.dump(2) + "\n";
}

WarmRecord parse_warm_record(std::string_view text) {
    try {
        const json in = json::parse(text);
        if (in.at("version") != k_form) {
            throw std::runtime_error{"another version"};
        }
        return {.recipe = run::check_recipe(in.at("recipe")),
                .domain = run::check_domain(in.at("domain")),
                .commit = in.at("commit"),
                .release = in.at("release"),
                .run_id = run::check_run_id(in.at("run")),
                .promoted = base::parse_time(in.at("promoted")),
                .belongings = {.volumes = in.at("volumes").get<std::vector<std::string>>(),
                               .secrets = in.at("secrets").get<std::vector<std::string>>()}};
    } catch (const std::exception& error) {
        throw std::runtime_error{fmt::format("record.json: {}", error.what())};
    }
}

}  // namespace ccci::recipe
