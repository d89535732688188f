#include "base/colour.hpp"

#include <gtest/gtest.h>
#include <pty.h>
#include <unistd.h>

#include <cstdlib>

#include "base/files.hpp"
#include "base/unique_fd.hpp"

namespace ccci::base {
namespace {

class MayColourTest : public testing::Test {
protected:
    MayColourTest() {
        int master = -1;
        int slave = -1;
        if (::openpty(&master, &slave, nullptr, nullptr, nullptr) != 0) {
            ADD_FAILURE() << "openpty";
        }
        master_.reset(master);
        slave_.reset(slave);
        ::setenv("TERM", "xterm", 1);
        ::unsetenv("NO_COLOR");
    }

    UniqueFd master_;
    UniqueFd slave_;
};

TEST_F(MayColourTest, IsForTerminalsOnly) {
    EXPECT_TRUE(may_colour(slave_.get()));
    const auto pipe = make_pipe();
    EXPECT_FALSE(may_colour(pipe.second.get()));
}

TEST_F(MayColourTest, IsNotForWhoWantsNone) {
    ::setenv("NO_COLOR", "1", 1);
    EXPECT_FALSE(may_colour(slave_.get()));

    ::setenv("NO_COLOR", "", 1);
    EXPECT_TRUE(may_colour(slave_.get())) << "no-color.org: when present and not empty";
}

TEST_F(MayColourTest, IsNotForTerminalsThatHaveNone) {
    ::setenv("TERM", "dumb", 1);
    EXPECT_FALSE(may_colour(slave_.get()));

    ::unsetenv("TERM");
    EXPECT_FALSE(may_colour(slave_.get()));
}

TEST(PaintTest, EndsWhatItBegins) {
    EXPECT_EQ(paint(Colour::red, "no"), "\x1b[31mno\x1b[0m");
    EXPECT_EQ(paint(Colour::plain, "as it is"), "as it is");
}

}  // namespace
}  // namespace ccci::base
