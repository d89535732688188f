#include "lease/domains.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/text.hpp"

namespace ccci::lease {
namespace {

using nlohmann::json;

Domain held() {
    const auto since = base::parse_time("2026-03-01T09:22:30.125Z");
    return {.name = "shop.ci.example.net",
            .claims = {{{.run = "290",
                         .host = "ci-2",
                         .unit = "cc-ci-run-290.service",
                         .user = "root",
                         .since = since},
                        41},
                       {{.run = "janitor", .host = "ci-1", .since = since}, 57}},
            .unfinished = true,
            .own_teardown = true};
}

/// What a list says that prints this.
std::vector<Domain> hear(const std::string& text, const std::string& then = "true") {
    return ask_for_domains({.argv = {"sh", "-c", "printf %s \"$1\"; " + then, "sh", text}});
}

std::string refusal(const std::string& text, const std::string& then = "true") {
    try {
        (void)hear(text, then);
    } catch (const std::runtime_error& error) {
        return error.what();
    }
    return "none";
}

TEST(DomainsTest, AreReadBackAsTheyWereWritten) {
    const std::vector<Domain> domains{held(), {.name = "free.ci.example.net", .unfinished = true}};

    EXPECT_EQ(hear(json(domains).dump()), domains);
    EXPECT_EQ(hear("[]"), std::vector<Domain>{});
}

TEST(DomainsTest, CannotBeAskedForWhereTheKeeperSaysWhy) {
    EXPECT_EQ(refusal("cc-ci: etcd at http://ci-1:2379: no answer\n", "exit 125"),
              "etcd at http://ci-1:2379: no answer");
}

TEST(DomainsTest, AreNotGuessedFromWhatIsNotReadable) {
    json without_claims = held();
    without_claims.erase("claims");
    json bad_time = held();
    bad_time["claims"][0]["since"] = "now";

    for (const std::string& text :
         {std::string{}, std::string{"{}"}, std::string{"[1]"},
          json::array({without_claims}).dump(), json::array({bad_time}).dump()}) {
        EXPECT_TRUE(refusal(text).starts_with("the list of domains is not readable: ")) << text;
    }
}

}  // namespace
}  // namespace ccci::lease
