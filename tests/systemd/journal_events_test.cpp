#include "systemd/journal_events.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace ccci::systemd {
namespace {

TEST(JournalEventsTest, HaveNamesAndIdsOfTheirOwn) {
    std::set<std::string> names;
    std::set<std::string> ids;
    for (const EventKind& kind : k_event_kinds) {
        EXPECT_EQ(kind_of(kind.event).name, kind.name);
        EXPECT_TRUE(names.insert(kind.name).second) << kind.name;
        const std::string id = kind.id;
        EXPECT_TRUE(ids.insert(id).second) << id;
        EXPECT_EQ(id.size(), 32U) << id;
        EXPECT_EQ(id.find_first_not_of("0123456789abcdef"), std::string::npos) << id;
        // sd-id128(3): of version 4.
        EXPECT_EQ(id[12], '4') << id;
        EXPECT_NE(std::string{"89ab"}.find(id[16]), std::string::npos) << id;
    }
}

}  // namespace
}  // namespace ccci::systemd
