#include "recipe/compose.hpp"

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <map>
#include <optional>
#include <set>
#include <stdexcept>

#include "base/text.hpp"
#include "recipe/compose_yaml.hpp"
#include "recipe/recipe_error.hpp"

namespace ccci::recipe {

namespace {

/// Anchors can make a short file enormous; no recipe has as many values as this.
constexpr int k_node_limit = 100'000;
/// An anchor may be used inside of itself, which makes a tree without end.
constexpr int k_depth_limit = 50;

/// One file with what is needed to say where in it something is wrong.
class Reader {
public:
    Reader(const ComposeFile& file, const Variables& variables)
        : file_{file.name}, variables_{variables} {}

    YAML::Node load(const std::string& text) const;
    /// Interpolates every value, for the sake of those that are required.
    void check_values(const YAML::Node& node, const std::string& key, int depth = 0);
    /// The value with all its variables; one that is not set is an error here.
    std::string value(const YAML::Node& node, const std::string& key) const;
    void require_map(const YAML::Node& node, const std::string& key) const;

    [[noreturn]] void fail(const std::string& key, std::string_view reason) const {
        throw RecipeError{fmt::format("{}: {}: {}", file_, base::printable(key), reason)};
    }

private:
    Interpolated interpolate_at(const YAML::Node& node, const std::string& key) const;

    std::string file_;
    const Variables& variables_;
    int nodes_ = 0;
};

YAML::Node Reader::load(const std::string& text) const {
    try {
        return YAML::Load(text);
    } catch (const YAML::Exception& error) {
        throw RecipeError{fmt::format("{} line {}: bad YAML: {}", file_, error.mark.line + 1,
                                      base::printable(error.msg))};
    }
}

Interpolated Reader::interpolate_at(const YAML::Node& node, const std::string& key) const {
    try {
        return interpolate(node.Scalar(), variables_);
    } catch (const std::invalid_argument& error) {
        fail(key, error.what());
    }
}

void Reader::check_values(const YAML::Node& node, const std::string& key, int depth) {
    if (++nodes_ > k_node_limit || depth > k_depth_limit) {
        throw RecipeError{fmt::format("{}: more than {} values, or nested deeper than {}", file_,
                                      k_node_limit, k_depth_limit)};
    }
    if (node.IsScalar()) {
        (void)interpolate_at(node, key);
    } else if (node.IsSequence()) {
        for (std::size_t i = 0; i < node.size(); ++i) {
            check_values(node[i], fmt::format("{}[{}]", key, i), depth + 1);
        }
    } else if (node.IsMap()) {
        for (const auto& entry : node) {
            if (!entry.first.IsScalar()) {
                fail(key, "has a key that is no text");
            }
            check_values(entry.second,
                         key.empty() ? entry.first.Scalar() : key + "." + entry.first.Scalar(),
                         depth + 1);
        }
    }
}

std::string Reader::value(const YAML::Node& node, const std::string& key) const {
    if (!node.IsScalar()) {
        fail(key, "want text");
    }
    const Interpolated result = interpolate_at(node, key);
    if (!result.unset.empty()) {
        fail(key, fmt::format("{} is not set; .env.sample must set it", result.unset.front()));
    }
    return result.text;
}

void Reader::require_map(const YAML::Node& node, const std::string& key) const {
    if (!node.IsMap()) {
        fail(key, "want a mapping");
    }
}

/// "test: NONE", in either form, and "disable: true" take the image's own away.
bool asks_for_health(const YAML::Node& healthcheck) {
    const YAML::Node test = find(healthcheck, "test");
    const bool none = text_of(test) == "NONE" ||
                      (test.IsDefined() && test.IsSequence() && text_of(test[0]) == "NONE");
    return healthcheck.IsMap() && !none && text_of(find(healthcheck, "disable")) != "true";
}

void read_service(const Reader& reader, const YAML::Node& node, ComposeService& service) {
    if (const YAML::Node image = find(node, "image"); image.IsDefined()) {
        service.image = reader.value(image, fmt::format("services.{}.image", service.name));
    }
    if (const YAML::Node healthcheck = find(node, "healthcheck"); healthcheck.IsDefined()) {
        service.healthcheck = asks_for_health(healthcheck);
    }
    const std::vector<std::string> labels = read_labels(find(find(node, "deploy"), "labels"));
    service.deploy_labels.insert(service.deploy_labels.end(), labels.begin(), labels.end());
}

void read_services(const Reader& reader, const YAML::Node& services,
                   std::map<std::string, ComposeService>& known) {
    reader.require_map(services, "services");
    for (const auto& entry : services) {
        const std::string& name = entry.first.Scalar();
        ComposeService& service = known[name];
        service.name = name;
        if (!entry.second.IsNull()) {
            reader.require_map(entry.second, "services." + name);
            read_service(reader, entry.second, service);
        }
    }
}

void read_configs(const Reader& reader, const YAML::Node& configs,
                  std::map<std::string, ComposeConfig>& known) {
    reader.require_map(configs, "configs");
    for (const auto& entry : configs) {
        const std::string& key = entry.first.Scalar();
        if (find(entry.second, "external").IsDefined()) {
            known.erase(key);
        } else {
            known[key] = {key, text_of(find(entry.second, "name"))};
        }
    }
}

/// "external: true" with "name", or the older "external: {name: ...}".
std::optional<ExternalSecret> read_secret(const Reader& reader, const std::string& key,
                                          const YAML::Node& secret) {
    const std::string where = "secrets." + key;
    const YAML::Node external = find(secret, "external");
    if (!external.IsDefined()) {
        return std::nullopt;
    }
    YAML::Node name = find(secret, "name");
    if (external.IsMap() && !name.IsDefined()) {
        name = find(external, "name");
    }
    if (!external.IsMap() && reader.value(external, where + ".external") != "true") {
        return std::nullopt;
    }
    return ExternalSecret{key, name.IsDefined() ? reader.value(name, where + ".name") : key};
}

void read_secrets(const Reader& reader, const YAML::Node& secrets,
                  std::map<std::string, ExternalSecret>& external) {
    reader.require_map(secrets, "secrets");
    for (const auto& entry : secrets) {
        const std::string& key = entry.first.Scalar();
        if (const auto secret = read_secret(reader, key, entry.second)) {
            external[key] = *secret;
        } else {
            external.erase(key);
        }
    }
}

}  // namespace

Compose read_compose(const std::vector<ComposeFile>& files, const Variables& variables) {
    Compose compose;
    std::map<std::string, ComposeService> services;
    std::map<std::string, ComposeConfig> configs;
    std::map<std::string, ExternalSecret> secrets;
    for (const ComposeFile& file : files) {
        Reader reader{file, variables};
        const YAML::Node root = reader.load(file.text);
        if (!root.IsMap()) {
            throw RecipeError{fmt::format("{}: want a mapping with services", file.name)};
        }
        reader.check_values(root, "");
        if (const YAML::Node format = root["version"]; format.IsDefined()) {
            compose.formats.push_back(text_of(format));
        }
        if (const YAML::Node node = root["services"]; node.IsDefined()) {
            read_services(reader, node, services);
        }
        if (const YAML::Node node = root["configs"]; node.IsDefined() && !node.IsNull()) {
            read_configs(reader, node, configs);
        }
        if (const YAML::Node node = root["secrets"]; node.IsDefined() && !node.IsNull()) {
            read_secrets(reader, node, secrets);
        }
    }
    if (services.empty()) {
        throw RecipeError{
            fmt::format("{}: no services", files.empty() ? "compose.yml" : files.front().name)};
    }
    std::set<std::string> distinct;
    for (const auto& [name, service] : services) {
        compose.services.push_back(service);
        if (!service.image.empty()) {
            distinct.insert(service.image);
        }
    }
    compose.images.assign(distinct.begin(), distinct.end());
    for (const auto& [key, config] : configs) {
        compose.configs.push_back(config);
    }
    for (const auto& [key, secret] : secrets) {
        compose.external_secrets.push_back(secret);
    }
    return compose;
}

}  // namespace ccci::recipe
