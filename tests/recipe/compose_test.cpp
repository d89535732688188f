#include "recipe/compose.hpp"

#include <gtest/gtest.h>

#include "recipe/recipe_error.hpp"

namespace ccci::recipe {
namespace {

const Variables k_variables{
    {"STACK_NAME", "x_net"}, {"SECRET_DB_PASSWORD_VERSION", "v1"}, {"TAG", "2"}};

Compose read(const std::string& text) {
    return read_compose({{"compose.yml", text}}, k_variables);
}

std::string refusal(const std::string& text) {
    try {
        (void)read(text);
    } catch (const RecipeError& error) {
        return error.what();
    }
    return "accepted";
}

std::vector<std::string> names(const Compose& compose) {
    std::vector<std::string> result;
    for (const ComposeService& service : compose.services) {
        result.push_back(service.name);
    }
    return result;
}

TEST(ComposeTest, TellsWhatLintLooksAt) {
    const Compose compose = read(
        "version: '3.8'\n"
        "services:\n"
        "  app:\n"
        "    image: 'app:${TAG}'\n"
        "    healthcheck: {test: curl -f http://localhost}\n"
        "    deploy: {labels: ['traefik.enable=true', 'other=${TAG}']}\n"
        "  db:\n"
        "    healthcheck: {test: [NONE]}\n"
        "    deploy: {labels: {traefik.enable: false}}\n"
        "  off: {healthcheck: {test: x, disable: true}}\n"
        "configs:\n"
        "  page: {name: '${STACK_NAME}_page_${PAGE_VERSION}', file: p}\n"
        "  bare: {file: b}\n"
        "  theirs: {external: true}\n");

    EXPECT_EQ(compose.formats, std::vector<std::string>{"3.8"});
    EXPECT_EQ(compose.services, (std::vector<ComposeService>{
                                    {"app", "app:2", true, {"traefik.enable=true", "other=${TAG}"}},
                                    {"db", "", false, {"traefik.enable=false"}},
                                    {"off", "", false, {}}}));
    EXPECT_EQ(compose.configs, (std::vector<ComposeConfig>{
                                   {"bare", ""}, {"page", "${STACK_NAME}_page_${PAGE_VERSION}"}}));
}

TEST(ComposeTest, ListsServicesAndImages) {
    const Compose compose = read(
        "services:\n"
        "  web: {image: 'nginx:${TAG}'}\n"
        "  app: {image: 'app:1'}\n"
        "  worker: {image: 'app:1'}\n");

    EXPECT_EQ(names(compose), (std::vector<std::string>{"app", "web", "worker"}));
    EXPECT_EQ(compose.images, (std::vector<std::string>{"app:1", "nginx:2"}));
}

TEST(ComposeTest, NamesExternalSecrets) {
    const Compose compose = read(
        "services: {app: {image: i}}\n"
        "secrets:\n"
        "  db_password:\n"
        "    external: true\n"
        "    name: ${STACK_NAME}_db_password_${SECRET_DB_PASSWORD_VERSION}\n"
        "  old: {external: {name: old_style}}\n"
        "  bare: {external: true}\n"
        "  file: {file: ./secret}\n"
        "  not: {external: false, name: x}\n");

    EXPECT_EQ(
        compose.external_secrets,
        (std::vector<ExternalSecret>{
            {"bare", "bare"}, {"db_password", "x_net_db_password_v1"}, {"old", "old_style"}}));
}

TEST(ComposeTest, LetsALaterFileOverride) {
    const Compose compose = read_compose(
        {{"compose.yml",
          "services: {app: {image: a}, db: {image: b}}\nsecrets: {s: {external: true}}\n"},
         {"compose.x.yml", "services: {app: {image: c}, db: }\nsecrets: {s: {file: ./s}}\n"}},
        {});

    EXPECT_EQ(compose.images, (std::vector<std::string>{"b", "c"}));
    EXPECT_TRUE(compose.external_secrets.empty());
}

TEST(ComposeTest, FollowsMergeKeys) {
    const Compose compose = read(
        "x-base: &base {image: i}\n"
        "x-more: &more {image: ignored}\n"
        "services:\n"
        "  a: {<<: *base}\n"
        "  b: {<<: [*base, *more]}\n"
        "  c: {<<: *more, image: own}\n");

    EXPECT_EQ(compose.images, (std::vector<std::string>{"i", "own"}));
}

TEST(ComposeTest, TellsTheMaintainerFileAndKey) {
    EXPECT_EQ(refusal("services:\n  app: [\n").substr(0, 26), "compose.yml line 3: bad YA");
    EXPECT_EQ(refusal("[]"), "compose.yml: want a mapping with services");
    EXPECT_EQ(refusal(""), "compose.yml: want a mapping with services");
    EXPECT_EQ(refusal("version: '3'"), "compose.yml: no services");
    EXPECT_EQ(refusal("services: []"), "compose.yml: services: want a mapping");
    EXPECT_EQ(refusal("services: {app: {image: 'i:${NO_TAG}'}}"),
              "compose.yml: services.app.image: NO_TAG is not set; .env.sample must set it");
    EXPECT_EQ(refusal("services: {app: {image: i, environment: [A=1, 'B=${B:?set it}']}}"),
              "compose.yml: services.app.environment[1]: variable B is required: set it");
    EXPECT_EQ(refusal("services: {app: {image: i, command: 'echo $(id)'}}"),
              "compose.yml: services.app.command: '$(id)' is no variable; write $$ for a dollar "
              "sign");
    EXPECT_EQ(refusal("services: {app: {image: i}}\n"
                      "secrets: {s: {external: true, name: 'x_${SECRET_S_VERSION}'}}"),
              "compose.yml: secrets.s.name: SECRET_S_VERSION is not set; .env.sample must set it");
}

TEST(ComposeTest, RefusesDocumentsWithoutEnd) {
    std::string laughs = "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n";
    for (int i = 1; i < 12; ++i) {
        laughs += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [";
        for (int j = 0; j < 10; ++j) {
            laughs += "*a" + std::to_string(i - 1) + ",";
        }
        laughs += "]\n";
    }
    EXPECT_NE(refusal(laughs).find("more than 100000 values"), std::string::npos);
    EXPECT_NE(refusal("a: &a [*a]\n"), "accepted");
    EXPECT_NE(refusal(std::string(5000, '[')), "accepted");
}

}  // namespace
}  // namespace ccci::recipe
