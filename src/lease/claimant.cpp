#include "lease/claimant.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <stdexcept>

#include "base/duration.hpp"
#include "base/text.hpp"

namespace ccci::lease {

using nlohmann::json;

std::string encode(const Claimant& claimant) {
    json line{{"run", claimant.run},
              {"host", claimant.host},
              {"unit", claimant.unit},
              {"user", claimant.user},
              {"since", base::format_time(claimant.since)}};
    if (claimant.supersedes) {
        line["supersedes"] = true;
    }
    return line.dump(-1, ' ', false, json::error_handler_t::replace);
}

std::optional<Claimant> parse_claimant(const std::string& text) {
    try {
        const json line = json::parse(text);
        return Claimant{.run = line.at("run").get<std::string>(),
                        .host = line.at("host").get<std::string>(),
                        .unit = line.at("unit").get<std::string>(),
                        .user = line.at("user").get<std::string>(),
                        .since = base::parse_time(line.at("since").get<std::string>()),
                        .supersedes = line.value("supersedes", false)};
    } catch (const json::exception&) {
        return std::nullopt;
    } catch (const std::invalid_argument&) {
        return std::nullopt;
    }
}

std::string name(const Claimant& claimant) {
    const std::string who = claimant.run == "janitor"
                                ? std::string{"the janitor"}
                                : fmt::format("run {}", base::printable(claimant.run, 100));
    return fmt::format("{} on {}", who, base::printable(claimant.host, 100));
}

std::string describe(const Claimant& holder, std::chrono::system_clock::time_point now) {
    const auto age = std::chrono::duration_cast<std::chrono::microseconds>(now - holder.since);
    return fmt::format("{} holds it, and came for it {} ago", name(holder),
                       base::format_duration(std::max(age, std::chrono::microseconds{0})));
}

}  // namespace ccci::lease
