#include "locks/holder.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <stdexcept>

#include "base/duration.hpp"
#include "base/text.hpp"

namespace ccci::locks {

using nlohmann::json;

std::string encode(const Holder& holder) {
    json line{{"run", holder.run},
              {"unit", holder.unit},
              {"invocation", holder.invocation},
              {"user", holder.user},
              {"since", base::format_time(holder.since)}};
    if (holder.until) {
        line["until"] = base::format_time(*holder.until);
    }
    if (holder.own_teardown) {
        line["own_teardown"] = true;
    }
    return line.dump(-1, ' ', false, json::error_handler_t::replace) + "\n";
}

std::optional<Holder> parse_holder(const std::string& text) {
    try {
        // A rewrite may leave the tail of a longer line behind for a moment.
        const json line = json::parse(text.substr(0, text.find('\n')));
        Holder holder{.run = line.at("run").get<std::string>(),
                      .unit = line.at("unit").get<std::string>(),
                      .invocation = line.at("invocation").get<std::string>(),
                      .user = line.at("user").get<std::string>(),
                      .since = base::parse_time(line.at("since").get<std::string>()),
                      .until = std::nullopt};
        if (const auto until = line.find("until"); until != line.end()) {
            holder.until = base::parse_time(until->get<std::string>());
        }
        holder.own_teardown = line.value("own_teardown", false);
        return holder;
    } catch (const json::exception&) {
        return std::nullopt;
    } catch (const std::invalid_argument&) {
        return std::nullopt;
    }
}

std::string describe(const std::optional<Holder>& holder,
                     std::chrono::system_clock::time_point now) {
    if (!holder) {
        return "somebody who did not leave a name holds it";
    }
    const auto age = std::chrono::duration_cast<std::chrono::microseconds>(now - holder->since);
    std::string text = holder->run == "janitor"
                           ? std::string{"the janitor"}
                           : fmt::format("run {}", base::printable(holder->run));
    text += fmt::format(" has held it for {}", base::format_duration(age));
    if (holder->until) {
        text += fmt::format(", at most until {}", base::format_clock(*holder->until));
    }
    return text;
}

}  // namespace ccci::locks
