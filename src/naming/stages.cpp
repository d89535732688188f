#include "naming/stages.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>

#include "base/text.hpp"
#include "run/usage_error.hpp"

namespace ccci::naming {

namespace {

bool needs_an_app(Tier tier) {
    return tier != Tier::fetch && tier != Tier::lint;
}

std::optional<Tier> find_tier(std::string_view name) {
    for (const Tier tier : k_tiers) {
        if (to_string(tier) == name) {
            return tier;
        }
    }
    return std::nullopt;
}

Tier parse_tier(const std::string& name) {
    const std::optional<Tier> tier = find_tier(name);
    if (!tier) {
        std::vector<std::string> known;
        for (const Tier each : k_tiers) {
            known.emplace_back(to_string(each));
        }
        throw run::UsageError{fmt::format("unknown stage '{}': want some of {}",
                                          base::printable(name), base::join(known, ", "))};
    }
    return *tier;
}

std::vector<std::string> names_in(std::string_view text) {
    std::string spaced{text};
    std::replace_if(
        spaced.begin(), spaced.end(), [](char c) { return c == ',' || c == '\t' || c == '\n'; },
        ' ');
    std::vector<std::string> names = base::split(spaced, ' ');
    std::erase(names, "");
    return names;
}

}  // namespace

std::string_view to_string(Tier tier) {
    switch (tier) {
        case Tier::fetch:
            return "fetch";
        case Tier::install:
            return "install";
        case Tier::upgrade:
            return "upgrade";
        case Tier::backup:
            return "backup";
        case Tier::restore:
            return "restore";
        case Tier::custom:
            return "custom";
        case Tier::lint:
            return "lint";
    }
    return "unknown";
}

std::string_view to_string(Lane lane) {
    switch (lane) {
        case Lane::full:
            return "full";
        case Lane::quick:
            return "quick";
        case Lane::promotion:
            return "promotion";
    }
    return "unknown";
}

std::vector<Tier> parse_stages(std::string_view text) {
    const std::vector<std::string> names = names_in(text);
    if (names.empty()) {
        return {k_tiers.begin(), k_tiers.end()};
    }
    std::set<Tier> asked{Tier::fetch};
    for (const std::string& name : names) {
        asked.insert(parse_tier(name));
    }
    if (std::ranges::any_of(asked, needs_an_app)) {
        asked.insert(Tier::install);
    }
    if (asked.count(Tier::restore) > 0) {
        asked.insert(Tier::backup);
    }
    return {asked.begin(), asked.end()};
}

std::vector<Tier> parse_quick_stages(std::string_view text) {
    const std::vector<std::string> names = names_in(text);
    if (names.empty()) {
        return {Tier::fetch, Tier::upgrade, Tier::custom};
    }
    std::set<Tier> asked{Tier::fetch};
    for (const std::string& name : names) {
        const Tier tier = parse_tier(name);
        if (tier != Tier::fetch && tier != Tier::upgrade && tier != Tier::custom) {
            throw run::UsageError{
                fmt::format("stage '{}': the quick lane has fetch, upgrade and custom only", name)};
        }
        asked.insert(tier);
    }
    if (asked.contains(Tier::custom)) {
        asked.insert(Tier::upgrade);
    }
    return {asked.begin(), asked.end()};
}

}  // namespace ccci::naming
