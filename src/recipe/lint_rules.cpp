#include "recipe/lint_rules.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <functional>
#include <stdexcept>
#include <string_view>

#include "base/text.hpp"

namespace ccci::recipe {

namespace {

using Problems = std::vector<std::string>;

/// With the stack's name before it and a version behind it, a name on the Swarm has 64 characters.
constexpr std::size_t k_longest_secret = 12;

bool has_digest(std::string_view image) {
    return image.find('@') != std::string_view::npos;
}

/// Without the registry, whose port looks like a tag. Empty: none.
std::string_view tag_of(std::string_view image) {
    const std::string_view name = image.substr(image.rfind('/') + 1);
    const std::size_t colon = name.find(':');
    return colon == std::string_view::npos ? std::string_view{} : name.substr(colon + 1);
}

Problems of_each_image(
    const LintFacts& facts,
    const std::function<std::string(std::string_view image, std::string_view tag)>& complaint) {
    Problems problems;
    for (const ComposeService& service : facts.compose.services) {
        if (service.image.empty() || has_digest(service.image)) {
            continue;
        }
        const std::string found = complaint(service.image, tag_of(service.image));
        if (!found.empty()) {
            problems.push_back(fmt::format("service {}: image {} {}", service.name,
                                           base::printable(service.image), found));
        }
    }
    return problems;
}

Problems old_formats(const LintFacts& facts) {
    const auto is_expected = [](const std::string& format) { return format == "3.8"; };
    if (!facts.compose.formats.empty() && std::ranges::all_of(facts.compose.formats, is_expected)) {
        return {};
    }
    return {"want version: \"3.8\" at the top of every compose file"};
}

Problems without_healthcheck(const LintFacts& facts) {
    Problems problems;
    for (const ComposeService& service : facts.compose.services) {
        if (!service.healthcheck) {
            problems.push_back(
                fmt::format("service {}: no healthcheck, so it counts as up when its process runs",
                            service.name));
        }
    }
    return problems;
}

Problems untagged_images(const LintFacts& facts) {
    return of_each_image(facts, [](std::string_view, std::string_view tag) {
        return tag.empty() ? "has no tag, so it is another one every day" : "";
    });
}

Problems moving_tags(const LintFacts& facts) {
    constexpr std::array k_moving{"latest", "main", "master", "edge", "dev", "nightly", "unstable"};
    return of_each_image(facts, [&](std::string_view, std::string_view tag) {
        const bool moves = std::ranges::find(k_moving, tag) != k_moving.end();
        return moves ? "has a tag that moves; name a release" : "";
    });
}

Problems tags_without_number(const LintFacts& facts) {
    return of_each_image(facts, [](std::string_view, std::string_view tag) {
        const std::string_view number = tag.substr(tag.starts_with('v') ? 1 : 0);
        const bool looks_like_release =
            number.empty() || std::isdigit(static_cast<unsigned char>(number.front())) != 0;
        return looks_like_release ? "" : "has a tag that does not begin with a version number";
    });
}

Problems without_version(const LintFacts& facts) {
    if (!facts.has_history || !facts.versions.empty()) {
        return {};
    }
    return {"no tag like 1.0.0+2.3.4: nothing is published"};
}

Problems without_app(const LintFacts& facts) {
    const bool found = std::ranges::find(facts.compose.services, "app", &ComposeService::name) !=
                       facts.compose.services.end();
    return found ? Problems{} : Problems{"no service is called app, which is the one that answers"};
}

Problems unrouted(const LintFacts& facts) {
    for (const ComposeService& service : facts.compose.services) {
        if (std::ranges::find(service.deploy_labels, "traefik.enable=true") !=
            service.deploy_labels.end()) {
            return {};
        }
    }
    return {"no service has the label traefik.enable=true, so no proxy leads to the app"};
}

Problems without_image(const LintFacts& facts) {
    Problems problems;
    for (const ComposeService& service : facts.compose.services) {
        if (service.image.empty()) {
            problems.push_back(fmt::format("service {}: no image", service.name));
        }
    }
    return problems;
}

/// The names of the variables in a text; none in one that is no good template.
std::vector<std::string> variables_in(const std::string& text) {
    try {
        return interpolate(text, {}).unset;
    } catch (const std::invalid_argument&) {
        return {};
    }
}

Problems unversioned_configs(const LintFacts& facts) {
    Problems problems;
    for (const ComposeConfig& config : facts.compose.configs) {
        if (config.name.empty()) {
            problems.push_back(
                fmt::format("config {}: has no name with a version in it, and the Swarm refuses to "
                            "change a config",
                            base::printable(config.key)));
        }
        for (const std::string& variable : variables_in(config.name)) {
            if (variable.ends_with("_VERSION") && !facts.abra_exports.contains(variable)) {
                problems.push_back(fmt::format("config {}: abra.sh does not export {}",
                                               base::printable(config.key), variable));
            }
        }
    }
    return problems;
}

Problems lightweight_tags(const LintFacts& facts) {
    Problems problems;
    for (const VersionTag& version : facts.versions) {
        if (!version.annotated) {
            problems.push_back(fmt::format(
                "tag {}: is a lightweight one, which abra does not deploy; make it with git tag -a",
                base::printable(version.name)));
        }
    }
    std::ranges::sort(problems);
    return problems;
}

Problems long_secrets(const LintFacts& facts) {
    Problems problems;
    for (const ExternalSecret& secret : facts.compose.external_secrets) {
        if (secret.key.size() > k_longest_secret) {
            problems.push_back(fmt::format("secret {}: has more than {} characters",
                                           base::printable(secret.key), k_longest_secret));
        }
    }
    return problems;
}

struct Rule {
    const char* number;
    const char* meaning;
    bool warning;
    Problems (*check)(const LintFacts&);
};

constexpr std::array k_rules{
    Rule{"R001", "the compose files have the expected version", true, old_formats},
    Rule{"R002", "every service has a healthcheck", true, without_healthcheck},
    Rule{"R003", "every image has a tag", false, untagged_images},
    Rule{"R004", "no image's tag moves", false, moving_tags},
    Rule{"R005", "every image's tag is a version", true, tags_without_number},
    Rule{"R006", "a version is published", true, without_version},
    Rule{"R009", "a service is called app", false, without_app},
    Rule{"R010", "the proxy leads to the app", true, unrouted},
    Rule{"R011", "every service has an image", false, without_image},
    Rule{"R012", "every config has a version", false, unversioned_configs},
    Rule{"R014", "every version is an annotated tag", false, lightweight_tags},
    Rule{"R015", "the names of secrets are short", true, long_secrets},
};

}  // namespace

std::vector<LintFinding> lint(const LintFacts& facts) {
    std::vector<LintFinding> findings;
    for (const Rule& rule : k_rules) {
        findings.push_back({.rule = rule.number,
                            .meaning = rule.meaning,
                            .warning = rule.warning,
                            .problems = rule.check(facts)});
    }
    return findings;
}

}  // namespace ccci::recipe
