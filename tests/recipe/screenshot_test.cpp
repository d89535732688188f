#include "recipe/screenshot.hpp"

#include <gtest/gtest.h>

#include <fstream>

#include "base/files.hpp"
#include "support/temp_dir.hpp"

namespace ccci::recipe {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

/// A browser that does this with the file that it is to write, `$picture`.
class ScreenshotTest : public testing::Test {
protected:
    std::string take(const std::string& script, std::chrono::milliseconds limit = 10s) {
        std::ofstream{browser_} << "#!/bin/sh\n"
                                   "for word; do case $word in --screenshot=*) "
                                   "picture=${word#--screenshot=} ;; esac; done\n"
                                << script << '\n';
        fs::permissions(browser_, fs::perms::owner_all);
        testing::internal::CaptureStdout();
        std::string name =
            take_screenshot(browser_, "http://127.0.0.1:1/", dir_.path(),
                            {"PATH=/usr/bin:/bin", "CCCI_SECRET=secret", "HOME=/root"}, limit);
        log_ = testing::internal::GetCapturedStdout();
        return name;
    }
    [[nodiscard]] fs::path picture() const { return dir_.path() / "screenshot.png"; }

    test::TempDir dir_;
    fs::path browser_ = dir_.path() / "a-browser";
    std::string log_;
};

TEST_F(ScreenshotTest, IsWhatTheBrowserWrote) {
    EXPECT_EQ(take("printf '\\211PNG\\r\\n\\032\\nrest' >\"$picture\""), "screenshot.png");

    EXPECT_TRUE(base::try_read_file(picture()).value_or("").ends_with("rest"));
    EXPECT_TRUE(log_.starts_with("screenshot " + picture().native() + " in ")) << log_;
}

TEST_F(ScreenshotTest, FailsNothing) {
    struct {
        std::string script;
        std::string why;
    } const table[] = {
        {"echo text >\"$picture\"", "it has not written a picture"},
        {"true", "it has not written a picture"},
        {"printf '\\211PNG\\r\\n\\032\\n' >\"$picture\"; exit 3", "exit 3"},
        {"printf '\\211PNG\\r\\n\\032\\n' >\"$picture\"; sleep 60", "not finished in time"},
    };
    for (const auto& row : table) {
        std::ofstream{picture()} << "an older one";

        EXPECT_EQ(take(row.script, row.why == "not finished in time" ? 300ms : 10s), "");

        EXPECT_EQ(log_, "remark: no screenshot: " + browser_.native() + ": " + row.why + "\n");
        EXPECT_FALSE(fs::exists(picture())) << row.script;
    }
    EXPECT_EQ(take_screenshot("/no/such/browser", "http://127.0.0.1:1/", dir_.path(), {}), "");
}

TEST_F(ScreenshotTest, BrowserKnowsNothingOfTheRun) {
    (void)take("env >" + (dir_.path() / "environment").native() + "; touch \"$HOME/kept\"");

    const std::string environment = base::try_read_file(dir_.path() / "environment").value_or("");
    EXPECT_NE(environment.find("PATH=/usr/bin:/bin\n"), std::string::npos) << environment;
    EXPECT_EQ(environment.find("secret"), std::string::npos) << environment;
    EXPECT_EQ(environment.find("HOME=/root"), std::string::npos) << environment;
    EXPECT_FALSE(fs::exists(dir_.path() / "browser"));
}

}  // namespace
}  // namespace ccci::recipe
