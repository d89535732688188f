#include "recipe/secrets.hpp"

#include <gtest/gtest.h>

#include <set>

#include "recipe/recipe_error.hpp"

namespace ccci::recipe {
namespace {

std::vector<SecretPlan> plan(const std::string& env) {
    return plan_secrets({{"db-pass", "x_net_db-pass_v1"}}, parse_env(env, ".env.sample"), "x_net");
}

std::string refusal_of_secret(const std::string& env) {
    try {
        (void)plan(env);
    } catch (const RecipeError& error) {
        return error.what();
    }
    return "accepted";
}

TEST(SecretsTest, FollowTheCommentOfTheirVersion) {
    EXPECT_EQ(plan("").at(0).length, 32U);
    EXPECT_EQ(plan("SECRET_DB_PASS_VERSION=v1 # length=12").at(0).length, 12U);
    EXPECT_EQ(plan("SECRET_DB_PASS_VERSION=v1 # charset=hex").at(0).alphabet, "0123456789abcdef");
    EXPECT_TRUE(plan("SECRET_DB_PASS_VERSION=v1 # generate=false").empty());
    EXPECT_EQ(plan("SECRET_DB_PASS_VERSION=v1 # the password").at(0).length, 32U);
}

TEST(SecretsTest, OfTheOperatorAreLeftAlone) {
    EXPECT_TRUE(plan_secrets({{"a", "shared_token"}, {"b", "x_netb"}}, {}, "x_net").empty());
}

TEST(SecretsTest, RefuseWhatMakesNoSense) {
    EXPECT_EQ(refusal_of_secret("SECRET_DB_PASS_VERSION=v1 # length=0"),
              ".env.sample: SECRET_DB_PASS_VERSION: length '0' is no number from 1 to 4096");
    EXPECT_EQ(refusal_of_secret("SECRET_DB_PASS_VERSION=v1 # length=-1").substr(0, 12),
              ".env.sample:");
    EXPECT_EQ(refusal_of_secret("SECRET_DB_PASS_VERSION=v1 # charset=emoji"),
              ".env.sample: SECRET_DB_PASS_VERSION: unknown charset 'emoji'");
    const std::string long_key(60, 'k');
    EXPECT_THROW(plan_secrets({{long_key, "x_net_" + long_key}}, {}, "x_net"), RecipeError);
}

TEST(SecretsTest, AreRefusedInOneLineWhateverTheirName) {
    const std::string key = "\x1b[2J\n" + std::string(60, 'k');
    try {
        (void)plan_secrets({{key, "x_net_" + key}}, {}, "x_net");
        FAIL() << "accepted";
    } catch (const RecipeError& error) {
        EXPECT_EQ(std::string{error.what()}.find_first_of("\x1b\n"), std::string::npos);
    }
}

TEST(SecretsTest, AreRandomCharactersOfTheirAlphabet) {
    const SecretPlan hex{"n", "0123456789abcdef", 40};
    std::set<std::string> made;
    for (int i = 0; i < 100; ++i) {
        const std::string secret = make_secret(hex);
        EXPECT_EQ(secret.size(), 40U);
        EXPECT_EQ(secret.find_first_not_of(hex.alphabet), std::string::npos);
        made.insert(secret);
    }
    EXPECT_EQ(made.size(), 100U);
}

}  // namespace
}  // namespace ccci::recipe
