#include "platform/stack_teardown.hpp"

#include <gtest/gtest.h>

#include "platform/inventory.hpp"

namespace ccci::platform {
namespace {

using nlohmann::json;

Object object(Kind kind, bool of_task = false, bool running = false) {
    return {.kind = kind,
            .id = "id",
            .name = "name",
            .stack = "a",
            .of_task = of_task,
            .running = running};
}

const Object k_service = object(Kind::service);
const Object k_task = object(Kind::task);
const Object k_running = object(Kind::container, true, true);
const Object k_stopped = object(Kind::container, true, false);
const Object k_loose = object(Kind::container);
const Object k_network = object(Kind::network);
const Object k_config = object(Kind::config);
const Object k_secret = object(Kind::secret);
const Object k_volume = object(Kind::volume);
const Object k_env_file = object(Kind::env_file);
const Object k_mark{
    .kind = Kind::config, .id = "mark", .name = "a_cc-ci-owner-12", .stack = "a", .revision = 12};

Step remove(Object what) {
    return {Step::Action::remove, std::move(what)};
}
Step kill(Object what) {
    return {Step::Action::kill, std::move(what)};
}

struct Plan {
    const char* name;
    std::vector<Object> left;
    std::vector<Step> steps;
};

class PlanRemovalTest : public testing::TestWithParam<Plan> {};

TEST(PlanGentleRemovalTest, LetsContainersStopWhoseVolumesAreKept) {
    const std::vector<Object> left{k_service, k_running};

    EXPECT_EQ(plan_removal(left, true), std::vector<Step>{remove(k_service)});
}

TEST_P(PlanRemovalTest, DoesWhatCanBeDoneNow) {
    EXPECT_EQ(plan_removal(GetParam().left), GetParam().steps);
}

INSTANTIATE_TEST_SUITE_P(
    Left, PlanRemovalTest,
    testing::Values(
        Plan{"Nothing", {}, {}},
        Plan{"ServicesFirst",
             {k_service, k_task, k_running, k_network, k_config, k_secret, k_volume, k_env_file},
             {remove(k_service), kill(k_running), remove(k_env_file)}},
        Plan{"SecretsWhenNoServiceUsesThem",
             {k_task, k_running, k_network, k_config, k_secret, k_volume},
             {kill(k_running), remove(k_config), remove(k_secret)}},
        // moby#37338: one ingress address leaks for each task that outlives its network.
        Plan{"NoNetworkWhileATaskIsThere", {k_task, k_network}, {}},
        Plan{"NoNetworkWhileAContainerIsThere", {k_loose, k_network}, {remove(k_loose)}},
        Plan{"TheSwarmRemovesStoppedContainersItself", {k_task, k_stopped}, {}},
        Plan{"ButNotOnesWhoseTaskIsGone",
             {k_stopped, k_running},
             {remove(k_stopped), remove(k_running)}},
        Plan{"VolumesDoNotWaitForAStuckContainer",
             {k_stopped, k_volume},
             {remove(k_stopped), remove(k_volume)}},
        Plan{"TheMarkOfItsOwnerLast",
             {k_mark, k_config, k_volume},
             {remove(k_config), remove(k_volume)}},
        Plan{"TheMarkOfItsOwnerAlone", {k_mark}, {remove(k_mark)}},
        Plan{"TheRest",
             {k_network, k_config, k_secret, k_volume},
             {remove(k_network), remove(k_config), remove(k_secret), remove(k_volume)}}),
    [](const auto& test) { return test.param.name; });

TEST(ParseObjectsTest, ReadsEachKindAsTheEngineWritesIt) {
    const std::string label = R"("Labels":{"com.docker.stack.namespace":"a","x":"y"})";

    EXPECT_EQ(
        parse_objects(Kind::service,
                      json::parse(R"([{"ID":"i","Spec":{"Name":"a_app",)" + label + "}}]")),
        (std::vector<Object>{{.kind = Kind::service, .id = "i", .name = "a_app", .stack = "a"}}));
    EXPECT_EQ(parse_objects(Kind::task, json::parse(R"([{"ID":"i","Slot":1}])")),
              (std::vector<Object>{{.kind = Kind::task,
                                    .id = "i",
                                    .name = "i",
                                    .stack = "",
                                    .of_task = false,
                                    .running = true}}));
    EXPECT_EQ(
        parse_objects(Kind::container,
                      json::parse(R"([{"Id":"i","Names":["/n"],"State":"running","Labels":
                                {"com.docker.swarm.task.id":"t"}},{"Id":"j","Names":null}])")),
        (std::vector<Object>{{.kind = Kind::container,
                              .id = "i",
                              .name = "n",
                              .stack = "",
                              .of_task = true,
                              .running = true},
                             {.kind = Kind::container, .id = "j", .name = "j", .stack = ""}}));
    EXPECT_EQ(parse_objects(Kind::network, json::parse(R"([{"Id":"i","Name":"n","Labels":null}])")),
              (std::vector<Object>{{.kind = Kind::network, .id = "i", .name = "n", .stack = ""}}));
    EXPECT_EQ(parse_objects(Kind::volume, json::parse(R"({"Volumes":[{"Name":"n",)" + label +
                                                      R"(}],"Warnings":null})")),
              (std::vector<Object>{{.kind = Kind::volume, .id = "n", .name = "n", .stack = "a"}}));
}

TEST(ParseObjectsTest, TellsWhichNodesAreDown) {
    const json nodes = json::parse(R"([{"ID":"a","Status":{"State":"ready"}},
        {"ID":"b","Status":{"State":"down","Message":"heartbeat failure"}},
        {"ID":"c","Status":{"State":"unknown"}}, {"ID":"d"}])");
    const json task = json::parse(R"([{"ID":"t","NodeID":"b","DesiredState":"remove"}])");

    EXPECT_EQ(parse_nodes_down(nodes), (std::set<std::string>{"b"}));
    EXPECT_EQ(parse_objects(Kind::task, task).front().node, "b");
}

TEST(ParseObjectsTest, ReadsTheRevisionOfALabel) {
    const auto revision = [](const char* label) {
        return parse_objects(
                   Kind::config,
                   json{{{"ID", "i"},
                         {"Spec", {{"Name", "n"}, {"Labels", {{"io.cc-ci.revision", label}}}}}}})
            .at(0)
            .revision;
    };
    EXPECT_EQ(revision("4711"), 4711);
    EXPECT_EQ(revision("soon"), 0);
    EXPECT_EQ(revision("99999999999999999999"), 0) << "it is no number of etcd's";
}

TEST(ParseObjectsTest, KnowsATaskThatIsOnlyTheMemoryOfAJob) {
    const auto is_alive = [](const char* state, const char* desired) {
        return parse_objects(
                   Kind::task,
                   json{{{"ID", "i"}, {"DesiredState", desired}, {"Status", {{"State", state}}}}})
            .at(0)
            .running;
    };
    EXPECT_FALSE(is_alive("complete", "complete"));
    EXPECT_FALSE(is_alive("failed", "complete"));
    EXPECT_TRUE(is_alive("running", "complete"));
    EXPECT_TRUE(is_alive("pending", "complete"));
    EXPECT_TRUE(is_alive("failed", "shutdown")) << "the Swarm is about to remove it";
}

TEST(ParseObjectsTest, TakesGosNullForAnEmptyList) {
    EXPECT_TRUE(parse_objects(Kind::secret, json()).empty());
    EXPECT_TRUE(parse_objects(Kind::volume, json::parse(R"({"Volumes":null})")).empty());
}

TEST(ParseObjectsTest, NeverTakesAnotherFormForAnEmptyList) {
    for (const char* text :
         {"{}", R"({"message":"x"})", R"("x")", "1", "[1]", "[null]", "[[]]", "[{}]",
          R"([{"ID":1}])", R"([{"ID":"i"}])", R"([{"ID":"i","Spec":[]}])",
          R"([{"ID":"i","Spec":{"Name":"n","Labels":"x"}}])",
          R"([{"ID":"i","Spec":{"Name":"n","Labels":{"com.docker.stack.namespace":1}}}])"}) {
        EXPECT_THROW((void)parse_objects(Kind::service, json::parse(text)), json::exception)
            << text;
        EXPECT_THROW((void)parse_objects(Kind::volume, json::parse(text)), json::exception) << text;
        EXPECT_THROW((void)parse_objects(Kind::container, json::parse(text)), json::exception)
            << text;
    }
}

}  // namespace
}  // namespace ccci::platform
