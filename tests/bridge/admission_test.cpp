#include "bridge/admission.hpp"

#include <gtest/gtest.h>

#include "bridge/moment.hpp"

namespace ccci::bridge {
namespace {

using std::chrono::seconds;

class AdmissionTest : public testing::Test {
protected:
    static gitea::Comment comment(std::int64_t id, Time created = k_moment) {
        return {.id = id,
                .repository = "recipes/immich",
                .pull_request = 7,
                .author = "maria",
                .body = "!testme",
                .created = created,
                .updated = created};
    }

    Admission admit(const gitea::Comment& comment, const std::string& delivery = "") {
        return bridge::admit(state_, comment, delivery, {"recipes/immich", "recipes/plausible"});
    }

    State state_;
};

TEST_F(AdmissionTest, MakesAnErrandOfATrigger) {
    EXPECT_EQ(admit(comment(31), "d-1"), Admission::admitted);

    ASSERT_EQ(state_.errands.size(), 1U);
    const Errand& errand = state_.errands.front();
    EXPECT_EQ(errand.comment, 31);
    EXPECT_EQ(errand.repository, "recipes/immich");
    EXPECT_EQ(errand.pull_request, 7);
    EXPECT_EQ(errand.author, "maria");
    EXPECT_EQ(errand.lane, naming::Lane::full);
    EXPECT_EQ(errand.asked, k_moment);
    EXPECT_EQ(errand.step, Step::asked);
}

TEST_F(AdmissionTest, TakesNothingElse) {
    gitea::Comment chat = comment(31);
    chat.body = "looks good";
    EXPECT_EQ(admit(chat), Admission::no_trigger);
    gitea::Comment elsewhere = comment(31);
    elsewhere.repository = "recipes/ghost";
    EXPECT_EQ(admit(elsewhere), Admission::unknown_repository);
    gitea::Comment edited = comment(31);
    edited.updated += seconds{1};
    EXPECT_EQ(admit(edited), Admission::edited);
    for (const auto spoil :
         {+[](gitea::Comment& each) { each.id = 0; },
          +[](gitea::Comment& each) { each.pull_request = 0; },
          +[](gitea::Comment& each) { each.author.clear(); },
          +[](gitea::Comment& each) { each.created = each.updated = k_latest_time + seconds{1}; },
          +[](gitea::Comment& each) { each.author.assign(101, 'a'); }}) {
        gitea::Comment strange = comment(31);
        spoil(strange);
        EXPECT_EQ(admit(strange), Admission::strange);
    }
    EXPECT_TRUE(state_.errands.empty());
}

TEST_F(AdmissionTest, TakesACommentOnceHoweverItCame) {
    EXPECT_EQ(admit(comment(31), "d-1"), Admission::admitted);
    EXPECT_EQ(admit(comment(31)), Admission::known);
    EXPECT_EQ(admit(comment(31), "d-2"), Admission::known);
    EXPECT_EQ(admit(comment(32), "d-1"), Admission::known);
    EXPECT_EQ(admit(comment(33)), Admission::admitted);
    EXPECT_EQ(admit(comment(34)), Admission::admitted);
    EXPECT_EQ(state_.errands.size(), 3U);
}

TEST_F(AdmissionTest, KnowsACommentWhoseErrandIsForgotten) {
    EXPECT_EQ(admit(comment(31)), Admission::admitted);
    state_.errands.clear();
    EXPECT_EQ(admit(comment(31)), Admission::known);
}

TEST_F(AdmissionTest, TakesNothingFromBeforePollingBegan) {
    begin_polling(state_.repositories["recipes/immich"], k_moment);
    EXPECT_EQ(admit(comment(30, k_moment - seconds{1})), Admission::too_old);
    EXPECT_EQ(admit(comment(31, k_moment)), Admission::admitted);
}

TEST_F(AdmissionTest, DoesNotTellUpperFromLowerCaseInNames) {
    gitea::Comment shouted = comment(31);
    shouted.repository = "Recipes/IMMICH";
    EXPECT_EQ(admit(shouted), Admission::admitted);
    EXPECT_EQ(state_.errands.front().repository, "recipes/immich");
}

TEST_F(AdmissionTest, RefusesWhatIsOlderThanItRemembers) {
    constexpr std::int64_t k_many = 3000;
    for (std::int64_t id = 1; id <= k_many; ++id) {
        EXPECT_EQ(admit(comment(id, k_moment + seconds{id})), Admission::admitted);
    }
    EXPECT_LE(state_.repositories.at("recipes/immich").seen.size(), 2000U);
    for (std::int64_t id = 1; id <= k_many; ++id) {
        const Admission again = admit(comment(id, k_moment + seconds{id}));
        EXPECT_TRUE(again == Admission::known || again == Admission::too_old) << id;
    }
}

}  // namespace
}  // namespace ccci::bridge
