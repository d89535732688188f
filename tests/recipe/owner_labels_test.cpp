#include "recipe/owner_labels.hpp"

#include <gtest/gtest.h>
#include <yaml-cpp/yaml.h>

namespace ccci::recipe {
namespace {

/// What the overlay says of one object, as JSON.
std::string definition(const std::string& compose, const std::string& section,
                       const std::string& key) {
    YAML::Emitter out;
    out.SetMapFormat(YAML::Flow);
    out.SetStringFormat(YAML::DoubleQuoted);
    out << YAML::Load(
        label_overlay({{"compose.yml", compose}}, {{"io.cc-ci.host", "ci-$1"}}))[section][key];
    return out.c_str();
}

TEST(OwnerLabelsTest, AreOnServicesWithoutChangingThem) {
    EXPECT_EQ(definition("services: {app: {image: web}, db: {deploy: {labels: [a=b]}}}", "services",
                         "db"),
              R"({"deploy": {"labels": {"io.cc-ci.host": "ci-$$1"}}})");
}

TEST(OwnerLabelsTest, AreAddedToTheWholeDefinitionOfWhatDockerDoesNotMerge) {
    EXPECT_EQ(
        definition("networks: {inner: {driver: overlay, labels: [a=b, c]}}", "networks", "inner"),
        R"({"driver": "overlay", "labels": {"a": "b", "c": "", "io.cc-ci.host": "ci-$$1"}})");
    EXPECT_EQ(definition("x-d: &d {driver: local, labels: {a: b}}\n"
                         "volumes: {data: {<<: *d, driver_opts: {o: bind}}}",
                         "volumes", "data"),
              R"({"<<": {"driver": "local", "labels": {"a": "b"}}, "driver_opts": {"o": "bind"}, )"
              R"("labels": {"a": "b", "io.cc-ci.host": "ci-$$1"}})");
    EXPECT_EQ(definition("configs: {page: {file: page.cgi, name: '${STACK_NAME}_page'}}", "configs",
                         "page"),
              R"({"file": "page.cgi", "name": "${STACK_NAME}_page", )"
              R"("labels": {"io.cc-ci.host": "ci-$$1"}})");
}

TEST(OwnerLabelsTest, LeaveTextTextAndTruthTruth) {
    const std::string text =
        label_overlay({{"compose.yml", "networks: {inner: {internal: true, name: '12'}}"}}, {});

    EXPECT_NE(text.find("internal: true\n"), std::string::npos) << text;
    EXPECT_NE(text.find("name: \"12\"\n"), std::string::npos) << text;
}

TEST(OwnerLabelsTest, AreOnNothingThatIsNotOfTheDeploy) {
    const YAML::Node made = YAML::Load(label_overlay(
        {{"compose.yml",
          "version: '3.8'\n"
          "networks: {proxy: {external: true}, old: {external: {name: elsewhere}}}\n"
          "volumes: {data: , late: {external: true}, gone: }\n"
          "secrets: {key: {external: true}}\n"},
         {"more.yml", "volumes: {late: {external: false}, gone: {external: true}}\n"}},
        {{"io.cc-ci.run", "7"}}));

    EXPECT_EQ(made["version"].Scalar(), "3.8");
    EXPECT_EQ(made["networks"].size(), 1U);
    EXPECT_TRUE(made["networks"]["default"].IsDefined());
    EXPECT_EQ(made["volumes"].size(), 2U);
    EXPECT_TRUE(made["volumes"]["data"].IsDefined());
    EXPECT_TRUE(made["volumes"]["late"].IsDefined());
    EXPECT_EQ(made["secrets"].size(), 0U);
}

}  // namespace
}  // namespace ccci::recipe
