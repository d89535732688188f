#include "run/usage.hpp"

#include <gtest/gtest.h>

#include <fstream>

#include "support/temp_dir.hpp"

namespace ccci::run {
namespace {

using namespace std::chrono_literals;

class UsageTest : public testing::Test {
protected:
    void file(const std::string& name, const std::string& text) const {
        std::ofstream{dir_.path() / name} << text;
    }

    test::TempDir dir_;
};

TEST_F(UsageTest, ReadsWhatTheCgroupCounts) {
    file("cpu.stat", "usage_usec 1500000\nuser_usec 1000000\nsystem_usec 500000\n");
    file("memory.peak", "3145728\n");
    file("memory.current", "1048576\n");
    file("memory.events", "low 0\nhigh 0\nmax 7\noom 1\noom_kill 2\noom_group_kill 9\n");
    file("pids.peak", "12\n");
    file("pids.current", "4\n");
    file("io.stat",
         "8:0 rbytes=100 wbytes=20 rios=1 wios=1 dbytes=0 dios=0\n"
         "8:16 rbytes=5 wbytes=3 rios=1 wios=1 dbytes=0 dios=0\n");
    file("cpu.pressure",
         "some avg10=0.00 avg60=0.00 avg300=0.00 total=20000\n"
         "full avg10=0.00 avg60=0.00 avg300=0.00 total=7\n");

    EXPECT_EQ(usage_of(dir_.path()), (Resources{.cpu = 1500ms,
                                                .memory_peak = 3145728,
                                                .tasks_peak = 12,
                                                .io_read = 105,
                                                .io_written = 23,
                                                .oom_kills = 2,
                                                .cpu_pressure = 20ms}));
    EXPECT_EQ(current_of(dir_.path()).memory, 1048576U);
    EXPECT_EQ(current_of(dir_.path()).tasks, 4U);
}

TEST_F(UsageTest, LeavesOutWhatIsNotThereOrNoNumber) {
    EXPECT_EQ(usage_of(dir_.path()), Resources{});
    EXPECT_EQ(usage_of(dir_.path() / "gone"), Resources{});
    file("memory.peak", "max\n");
    file("io.stat", "\n");
    file("cpu.pressure", "full avg10=0.00 total=7\n");
    EXPECT_EQ(usage_of(dir_.path()), Resources{});
}

TEST(OwnUsageTest, HasTheTimeOfThisProcess) {
    EXPECT_GT(own_usage().cpu.value_or(0us), 0us);
}

}  // namespace
}  // namespace ccci::run
