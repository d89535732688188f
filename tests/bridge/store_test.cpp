#include "bridge/store.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

#include "base/files.hpp"
#include "bridge/moment.hpp"
#include "support/temp_dir.hpp"

namespace ccci::bridge {
namespace {

class StoreTest : public testing::Test {
protected:
    static Arrival arrival(std::int64_t id) {
        return {.comment = {.id = id,
                            .repository = "recipes/immich",
                            .pull_request = 7,
                            .author = "maria",
                            .body = " !testme\n",
                            .created = k_moment,
                            .updated = k_moment},
                .delivery = "d-1"};
    }
    static State state() {
        State result;
        result.errands.emplace_back().comment = 31;
        return result;
    }
    [[nodiscard]] std::filesystem::path file(const char* name) const { return dir_.path() / name; }

    test::TempDir dir_;
};

TEST_F(StoreTest, HasNothingAtFirst) {
    Store store{dir_.path()};
    const Store::Kept kept = store.load();
    EXPECT_EQ(kept.state, State{});
    EXPECT_TRUE(kept.arrivals.empty());
}

TEST_F(StoreTest, KeepsWhatArrivesUntilItIsInAState) {
    {
        Store store{dir_.path()};
        store.save(state());
        store.append(arrival(32));
        store.append(arrival(33));
    }
    {
        Store store{dir_.path()};
        const Store::Kept kept = store.load();
        EXPECT_EQ(kept.state, state());
        EXPECT_EQ(kept.arrivals, (std::vector{arrival(32), arrival(33)}));
        store.save(state());
    }
    EXPECT_TRUE(Store{dir_.path()}.load().arrivals.empty());
}

TEST_F(StoreTest, IgnoresALineThatACrashHasCut) {
    {
        Store store{dir_.path()};
        store.append(arrival(32));
    }
    std::ofstream{file("bridge.arrivals"), std::ios::app} << R"({"id": 33, "repos)";
    EXPECT_EQ(Store{dir_.path()}.load().arrivals, std::vector{arrival(32)});
}

TEST_F(StoreTest, IsForItsOwnerOnly) {
    Store store{dir_.path()};
    store.save(state());
    for (const char* name : {"bridge.json", "bridge.arrivals"}) {
        struct stat info {};
        ASSERT_EQ(::stat(file(name).c_str(), &info), 0) << name;
        EXPECT_EQ(info.st_mode & 0777, 0600U) << name;
    }
}

TEST_F(StoreTest, IsThereOnce) {
    const Store store{dir_.path()};
    try {
        const Store second{dir_.path()};
        FAIL() << "two bridges would start two builds";
    } catch (const std::runtime_error& error) {
        EXPECT_EQ(error.what(),
                  "lock " + file("bridge.arrivals").native() + ": another bridge runs");
    }
}

TEST_F(StoreTest, SaysWhichFileIsDamaged) {
    std::ofstream{file("bridge.json")} << "{";
    Store store{dir_.path()};
    try {
        (void)store.load();
        FAIL();
    } catch (const std::runtime_error& error) {
        EXPECT_EQ(error.what(),
                  "read " + file("bridge.json").native() + ": not a state of the bridge");
    }
}

}  // namespace
}  // namespace ccci::bridge
