#include "platform/object.hpp"

#include <gtest/gtest.h>

namespace ccci::platform {
namespace {

const run::RunAppPattern k_pattern = run::RunAppPattern::for_base_domain("ci.example.net");
const std::string k_immi = "immi-ad3e33_ci_example_net";

Object secret(std::string name, std::string stack = "") {
    return {.kind = Kind::secret, .id = "id", .name = std::move(name), .stack = std::move(stack)};
}

struct Ownership {
    const char* name;
    Object object;
    std::set<std::string> stacks;
    std::string owner;
};

class OwnershipTest : public testing::TestWithParam<Ownership> {};

TEST_P(OwnershipTest, IsDecidedByLabelThenByTheLongestName) {
    EXPECT_EQ(owner_of(GetParam().object, GetParam().stacks, k_pattern), GetParam().owner);
}

INSTANTIATE_TEST_SUITE_P(
    Objects, OwnershipTest,
    testing::Values(
        Ownership{"ByLabel", secret("anything", "a"), {"a"}, "a"},
        Ownership{"LabelBeatsName", secret("a_key", "b"), {"a"}, "b"},
        Ownership{"LabelOfAnUnknownStack", secret("a_key", "b"), {}, "b"},
        Ownership{"ByPrefix", secret("a_key"), {"a"}, "a"},
        Ownership{"ByPrefixWithUnderscores", secret("a_db_key_v1"), {"a"}, "a"},
        // Case 21.
        Ownership{"LongestWins", secret("a_b_key"), {"a", "a_b"}, "a_b"},
        Ownership{"LongestWinsAtTheLastUnderscore", secret("a_b_c"), {"a", "a_b", "a_b_c"}, "a_b"},
        Ownership{"ShorterIfTheLongerIsNotThere", secret("a_b_key"), {"a"}, "a"},
        Ownership{"NotWithoutUnderscore", secret("akey"), {"a"}, ""},
        Ownership{"NotItsOwnName", secret("a"), {"a"}, ""},
        Ownership{"NotALongerWord", secret("ab_key"), {"a"}, ""},
        Ownership{"EmptyStackOwnsNothing", secret("_key"), {""}, ""},
        Ownership{"NobodysName", secret("traefik_key"), {"a"}, ""},
        Ownership{"EmptyName", secret(""), {"a"}, ""},
        Ownership{"ARunAppNobodyKnows", secret(k_immi + "_db_password_v1"), {}, k_immi},
        Ownership{"ALongerStackBeatsTheRunApp",
                  secret(k_immi + "_x_key"),
                  {k_immi + "_x"},
                  k_immi + "_x"},
        Ownership{"ARunAppBeatsAShorterStack", secret(k_immi + "_key"), {"immi-ad3e33"}, k_immi},
        Ownership{"EnvFileByItsDomain",
                  {.kind = Kind::env_file, .id = "/x", .name = "a.b.c", .stack = ""},
                  {},
                  "a_b_c"}),
    [](const auto& test) { return test.param.name; });

TEST(FindAppsTest, FindsAnAppOfWhichOnlyOneThingIsLeft) {
    for (const Kind kind : {Kind::service, Kind::container, Kind::network, Kind::config,
                            Kind::secret, Kind::volume}) {
        Object object = secret(k_immi + "_x");
        object.kind = kind;

        const std::vector<App> apps = find_apps({object}, k_pattern);

        ASSERT_EQ(apps.size(), 1U) << to_string(kind);
        EXPECT_EQ(apps[0].domain, "immi-ad3e33.ci.example.net");
        EXPECT_EQ(apps[0].evidence, "1 " + to_string(kind));
    }
}

TEST(FindAppsTest, FindsAnEnvFile) {
    const std::vector<App> apps = find_apps({{.kind = Kind::env_file,
                                              .id = "/abra/servers/default/x.env",
                                              .name = "immi-ad3e33.ci.example.net",
                                              .stack = ""}},
                                            k_pattern);

    ASSERT_EQ(apps.size(), 1U);
    EXPECT_EQ(apps[0].evidence, "1 env file");
}

// Case 17.
TEST(FindAppsTest, NeverReturnsWhatThePatternDoesNotMatch) {
    EXPECT_TRUE(
        find_apps(
            {secret("traefik_key"), secret("x", "traefik_example_net"),
             secret("x", "warm-immich_ci_example_net"), secret("IMMI-ad3e33_ci_example_net_x"),
             secret("", ""), secret("immi-ad3e33_ci_example_net"),
             secret("immi-ad3e3_ci_example_net_x"), secret("immi-ad3e33_ci_example_org_x"),
             secret("x", "../../etc"), secret("x", k_immi + "_more")},
            k_pattern)
            .empty());
}

// Case 21.
TEST(FindAppsTest, GivesASecretOfALongerStackToNobodyElse) {
    EXPECT_TRUE(find_apps({secret(k_immi + "_x_key"), secret("service", k_immi + "_x")}, k_pattern)
                    .empty());
}

TEST(FindAppsTest, CountsWhatThereIsOfEachApp) {
    Object service = secret(k_immi + "_app", k_immi);
    service.kind = Kind::service;
    Object container = secret("task", k_immi);
    container.kind = Kind::container;
    container.of_task = true;
    const std::string other = "a-000000_ci_example_net";

    const std::vector<App> apps = find_apps(
        {service, service, container, secret("x", k_immi), secret(other + "_y")}, k_pattern);

    ASSERT_EQ(apps.size(), 2U);
    EXPECT_EQ(apps[0].domain, "a-000000.ci.example.net");
    EXPECT_EQ(apps[0].evidence, "1 secret");
    EXPECT_EQ(apps[1].evidence, "2 services, 1 secret");
}

TEST(FindAppsTest, ShowsTheContainerOfATaskWhenItsServiceIsGone) {
    Object container = secret("task", k_immi);
    container.kind = Kind::container;
    container.of_task = true;

    EXPECT_EQ(find_apps({container}, k_pattern).at(0).evidence, "1 container");
}

TEST(TeardownReportTest, IsToldInOneLine) {
    TeardownReport report;
    EXPECT_EQ(report.summary(), "nothing left");

    report.took = std::chrono::milliseconds{6100};
    report.removed = {{"volume", 3}, {"service", 4}, {"network", 1}, {"env file", 1}};
    EXPECT_EQ(report.summary(),
              "removed 4 services, 1 network, 3 volumes, 1 env file in 6.1s; nothing left");

    report.left = {"volume a_db: in use", "network a_x: busy"};
    EXPECT_EQ(report.summary(),
              "removed 4 services, 1 network, 3 volumes, 1 env file in 6.1s; left: volume a_db: in "
              "use; network a_x: busy");
}

TEST(TeardownReportTest, TellsWhatIsOutOfReach) {
    TeardownReport report;
    report.out_of_reach = 1;
    EXPECT_EQ(report.summary(),
              "nothing left; 1 task is of nodes that are down, and ends when they come back");

    report.out_of_reach = 2;
    EXPECT_EQ(report.summary(),
              "nothing left; 2 tasks are of nodes that are down, and end when they come back");
}

}  // namespace
}  // namespace ccci::platform
