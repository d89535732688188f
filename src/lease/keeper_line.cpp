#include "lease/keeper_line.hpp"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <utility>

#include "base/text.hpp"

namespace ccci::lease {

namespace {

using nlohmann::json;
using std::chrono::nanoseconds;
using std::chrono::steady_clock;

constexpr std::array<std::pair<Order, const char*>, 4> k_orders{{
    {Order::carried, "carried"},
    {Order::release, "release"},
    {Order::leave, "leave"},
    {Order::withdraw, "withdraw"},
}};

json to_json(const Queued& line) {
    json out{{"say", "queued"}, {"before", line.before}};
    if (line.holder) {
        out["holder"] = encode(*line.holder);
    }
    return out;
}

json to_json(const Held& line) {
    return {{"say", "held"},
            {"lease", line.lease},
            {"revision", line.revision},
            {"had_predecessor", line.had_predecessor}};
}

json to_json(const Valid& line) {
    // Of one host's clock, which all its processes share.
    const auto since_boot = std::chrono::duration_cast<nanoseconds>(line.until.time_since_epoch());
    return {{"say", "valid"}, {"until", since_boot.count()}};
}

json to_json(const Superseded& line) {
    return {{"say", "superseded"}, {"by", encode(line.by)}};
}

json to_json(const Trouble& line) {
    return {{"say", "trouble"}, {"text", line.text}};
}

json to_json(const Lost& line) {
    return {{"say", "lost"}, {"reason", line.reason}};
}

json to_json(const Refused& line) {
    return {{"say", "refused"}, {"reason", line.reason}, {"taken", line.taken}};
}

json to_json(const Released&) {
    return {{"say", "released"}};
}

std::optional<Claimant> claimant_in(const json& line, const char* key) {
    const auto text = line.find(key);
    return text == line.end() ? std::nullopt : parse_claimant(text->get<std::string>());
}

std::int64_t number_in(const json& line, const char* key) {
    return line.at(key).get_ref<const json::number_integer_t&>();
}

KeeperLine line_from(const json& in) {
    const std::string say = in.at("say").get<std::string>();
    if (say == "queued") {
        return Queued{static_cast<std::size_t>(std::max<std::int64_t>(0, number_in(in, "before"))),
                      claimant_in(in, "holder")};
    }
    if (say == "held") {
        return Held{number_in(in, "lease"), number_in(in, "revision"),
                    in.at("had_predecessor").get<bool>()};
    }
    if (say == "valid") {
        const nanoseconds since_boot{number_in(in, "until")};
        return Valid{steady_clock::time_point{
            std::chrono::duration_cast<steady_clock::duration>(since_boot)}};
    }
    if (say == "superseded") {
        return Superseded{claimant_in(in, "by").value_or(Claimant{})};
    }
    if (say == "lost") {
        return Lost{in.at("reason").get<std::string>()};
    }
    if (say == "refused") {
        return Refused{in.at("reason").get<std::string>(), in.at("taken").get<bool>()};
    }
    if (say == "released") {
        return Released{};
    }
    return Trouble{in.at("text").get<std::string>()};
}

}  // namespace

std::string encode(const KeeperLine& line) {
    const json out = std::visit([](const auto& each) { return to_json(each); }, line);
    return out.dump(-1, ' ', false, json::error_handler_t::replace) + "\n";
}

KeeperLine parse_keeper_line(const std::string& text) {
    try {
        return line_from(json::parse(text));
    } catch (const json::exception&) {
        return Trouble{base::printable(text, 300)};
    }
}

std::string encode(Order order) {
    for (const auto& [value, word] : k_orders) {
        if (value == order) {
            return std::string{word} + "\n";
        }
    }
    throw std::logic_error{"an order without a word"};
}

std::optional<Order> parse_order(const std::string& text) {
    for (const auto& [value, word] : k_orders) {
        if (text == word) {
            return value;
        }
    }
    return std::nullopt;
}

}  // namespace ccci::lease
