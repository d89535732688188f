#include "harness/resources.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <string>

#include "support/temp_dir.hpp"

namespace ccci::harness {
namespace {

using namespace std::chrono_literals;

class ResourcesTest : public testing::Test {
protected:
    void write(const std::string& file, const std::string& text) const {
        std::ofstream{dir_.path() / file} << text;
    }

    test::TempDir dir_;
};

TEST_F(ResourcesTest, AreWhatTheCgroupSays) {
    write("cpu.stat", "usage_usec 1500000\nuser_usec 1000000\nsystem_usec 500000\n");
    write("memory.peak", "73400320\n");
    write("pids.peak", "12\n");
    write("io.stat",
          "8:0 rbytes=100 wbytes=200 rios=1 wios=2 dbytes=0 dios=0\n"
          "8:16 rbytes=11 wbytes=22 rios=1 wios=2 dbytes=0 dios=0\n");
    write("memory.events", "low 0\nhigh 0\nmax 4\noom 1\noom_kill 2\noom_group_kill 0\n");
    write("cpu.pressure",
          "some avg10=0.00 avg60=0.00 avg300=0.00 total=250000\n"
          "full avg10=0.00 avg60=0.00 avg300=0.00 total=1\n");
    write("memory.pressure", "some avg10=0.00 avg60=0.00 avg300=0.00 total=0\n");
    write("io.pressure", "some avg10=0.00 avg60=0.00 avg300=0.00 total=3000\n");

    const run::Resources expected{.cpu = 1500ms,
                                  .memory_peak = 73400320,
                                  .tasks_peak = 12,
                                  .io_read = 111,
                                  .io_written = 222,
                                  .oom_kills = 2,
                                  .cpu_pressure = 250ms,
                                  .memory_pressure = 0ms,
                                  .io_pressure = 3ms};
    EXPECT_EQ(read_resources(dir_.path()), expected);
}

TEST_F(ResourcesTest, AreNotWhatTheCgroupDoesNotSay) {
    write("cpu.stat", "usage_usec many\n");
    write("memory.peak", "max\n");
    write("io.stat", "");
    write("cpu.pressure", "");

    EXPECT_EQ(read_resources(dir_.path()), run::Resources{});
    EXPECT_EQ(read_resources(dir_.path() / "none"), run::Resources{});
}

TEST_F(ResourcesTest, HaveTheTimeOfThisProcess) {
    EXPECT_GT(*own_resources().cpu, 0us);
}

}  // namespace
}  // namespace ccci::harness
