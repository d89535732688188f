#include "platform/changes.hpp"

#include <gtest/gtest.h>

namespace ccci::platform {
namespace {

using Sentences = std::vector<std::string>;

ServiceFacts service(const std::string& name) {
    ServiceFacts facts;
    facts.name = name;
    facts.image = "web:1";
    facts.labels = {{"version", "1"}, {"com.docker.stack.image", "web:1"}};
    return facts;
}

TEST(ChangesTest, AreNoneWhenNothingButTheTasksMoved) {
    ServiceFacts restarted = service("app");
    restarted.running = 0;
    restarted.update_state = "completed";
    restarted.replaces_tasks = "another";

    EXPECT_EQ(changes_between({service("app")}, {restarted}), Sentences{});
    EXPECT_EQ(changes_between({}, {}), Sentences{});
}

TEST(ChangesTest, AreServicesImagesAndLabels) {
    ServiceFacts app = service("app");
    app.image = "web:2";
    app.labels = {{"version", "2"}, {"com.docker.stack.image", "web:2"}};
    app.container_labels = {{"backup", "true"}};

    EXPECT_EQ(changes_between({service("app"), service("old")}, {service("new"), app}),
              (Sentences{"app: image web:1 -> web:2", "app: version 1 -> 2",
                         "app: backup none -> true", "new: new", "old: gone"}));
}

TEST(ChangesTest, AreNotWhatADeployNotesAboutItself) {
    ServiceFacts was = service("app");
    ServiceFacts is = service("app");
    was.labels["coop-cloud.a_b.chaos-version"] = "11111111";
    is.labels["coop-cloud.a_b.chaos-version"] = "22222222";
    is.labels["io.cc-ci.run"] = "7";

    EXPECT_EQ(changes_between({was}, {is}), Sentences{});

    is.labels["coop-cloud.a_b.version"] = "2";
    EXPECT_EQ(changes_between({was}, {is}), Sentences{"app: coop-cloud.a_b.version none -> 2"});
}

TEST(ChangesTest, SeeADigestBehindTheSameTag) {
    ServiceFacts was = service("app");
    ServiceFacts is = service("app");
    was.image = "web:1@sha256:aa";
    is.image = "web:1@sha256:bb";

    EXPECT_EQ(changes_between({was}, {is}),
              Sentences{"app: image web:1@sha256:aa -> web:1@sha256:bb"});
}

}  // namespace
}  // namespace ccci::platform
