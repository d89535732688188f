#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <string>

#include "base/files.hpp"
#include "base/text.hpp"
#include "systemd/journal_events.hpp"

namespace ccci::systemd {
namespace {

/// Id and text of each entry of the catalog.
std::map<std::string, std::string> read_catalog() {
    std::map<std::string, std::string> entries;
    std::string id;
    const std::filesystem::path file = CCCI_SOURCE_DIR "/src/packaging/cc-ci.catalog";
    for (const std::string& line : base::split(*base::try_read_file(file), '\n')) {
        if (line.starts_with("-- ")) {
            id = line.substr(3);
            EXPECT_FALSE(entries.contains(id)) << id;
        } else if (!id.empty()) {
            entries[id] += line + "\n";
        }
    }
    return entries;
}

TEST(CatalogTest, ExplainsEveryEventAndNothingElse) {
    auto entries = read_catalog();
    for (const EventKind& kind : k_event_kinds) {
        const std::string text = entries[kind.id];
        EXPECT_TRUE(text.starts_with("Subject: ")) << kind.name;
        // What has happened, what cc-ci does about it, and what to do.
        EXPECT_GE(base::split(text, '\n').size(), 9U) << kind.name;
        EXPECT_NE(text.find("\n\n"), std::string::npos) << kind.name;
        entries.erase(kind.id);
    }
    EXPECT_TRUE(entries.empty()) << entries.begin()->first;
}

}  // namespace
}  // namespace ccci::systemd
