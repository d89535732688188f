#include <gtest/gtest.h>

#include <fstream>
#include <mutex>
#include <sstream>

#include "base/base64.hpp"
#include "recipe/fetch.hpp"
#include "recipe/git_repository.hpp"
#include "recipe/recipe_error.hpp"
#include "support/loopback_server.hpp"
#include "support/temp_dir.hpp"

namespace ccci::recipe {
namespace {

namespace fs = std::filesystem;
using test::LoopbackServer;

const std::string k_token = "t0ken-that-nobody-may-see";

std::string contents(const fs::path& file) {
    std::ostringstream text;
    text << std::ifstream{file, std::ios::binary}.rdbuf();
    return text.str();
}

/// What everybody can read of every process.
std::string all_command_lines() {
    std::string all;
    for (const fs::directory_entry& entry : fs::directory_iterator{"/proc"}) {
        all += contents(entry.path() / "cmdline") + "\n";
    }
    return all;
}

/// Case 50: a token for a private mirror is never in the process list, in .git/config, in the log.
/// The forge is a plain file server: git falls back to reading the repository file by file.
class ForgeTokenTest : public testing::Test {
protected:
    ForgeTokenTest() {
        const test::GitRepository source{dir_.path() / "source"};
        commit_ = source.commit("file", "one");
        source.git({"clone", "--quiet", "--bare", source.path().native(), bare_.native()});
        source.git({"--git-dir=" + bare_.native(), "update-server-info"});
        source.git({"--git-dir=" + bare_.native(), "repack", "-adq"});
        source.git({"--git-dir=" + bare_.native(), "update-server-info"});
        std::ofstream{token_file_} << k_token << "\n";
    }

    /// Wants the token for everything.
    std::string serve_private(const std::string& head) {
        const std::lock_guard guard{mutex_};
        command_lines_ += all_command_lines();
        if (head.find("Authorization: Basic " + base::to_base64("x-access-token:" + k_token)) ==
            std::string::npos) {
            return LoopbackServer::answer("401 Unauthorized", "",
                                          "WWW-Authenticate: Basic realm=\"forge\"\r\n");
        }
        return serve_file(head);
    }
    std::string serve_to_strangers(const std::string& head) {
        const std::lock_guard guard{mutex_};
        seen_by_stranger_ += head;
        return serve_file(head);
    }
    std::string serve_file(const std::string& head) const {
        const std::string target = LoopbackServer::target(head);
        const std::string prefix = "/owner/name.git/";
        const fs::path file = bare_ / target.substr(0, target.find('?')).substr(prefix.size());
        return fs::is_regular_file(file) ? LoopbackServer::answer("200 OK", contents(file))
                                         : LoopbackServer::answer("404 Not Found");
    }

    Fetched fetch(const std::string& url, const std::string& forge) {
        fs::remove_all(copy_);
        return fetch_recipe({.url = url, .ref = "main", .pull_request = "", .shown = "owner/name"},
                            copy_, base::own_environment(), {forge, token_file_});
    }
    std::string refusal(const std::string& url, const std::string& forge) {
        try {
            (void)fetch(url, forge);
        } catch (const RecipeError& error) {
            return error.what();
        }
        return "accepted";
    }

    test::TempDir dir_;
    fs::path bare_ = dir_.path() / "name.git";
    fs::path copy_ = dir_.path() / "copy";
    fs::path token_file_ = dir_.path() / "token";
    std::string commit_;
    std::mutex mutex_;
    std::string command_lines_;
    std::string seen_by_stranger_;
    LoopbackServer forge_{[this](const std::string& head) { return serve_private(head); }};
    LoopbackServer stranger_{[this](const std::string& head) { return serve_to_strangers(head); }};
};

TEST_F(ForgeTokenTest, OpensAPrivateRepositoryAndIsNowhereToBeSeen) {
    const Fetched fetched = fetch(forge_.url() + "/owner/name.git", forge_.url());

    EXPECT_EQ(fetched.commit, commit_);
    const std::string encoded = base::to_base64("x-access-token:" + k_token);
    const std::lock_guard guard{mutex_};
    EXPECT_NE(command_lines_.find("owner/name.git"), std::string::npos)
        << "git was not seen at all";
    EXPECT_EQ(command_lines_.find(k_token), std::string::npos);
    EXPECT_EQ(command_lines_.find(encoded), std::string::npos);
    for (const fs::directory_entry& entry : fs::recursive_directory_iterator{copy_}) {
        const std::string text = contents(entry.path());
        EXPECT_EQ(text.find(k_token), std::string::npos) << entry.path();
        EXPECT_EQ(text.find(encoded), std::string::npos) << entry.path();
    }
}

TEST_F(ForgeTokenTest, IsNotSentElsewhere) {
    (void)fetch(stranger_.url() + "/owner/name.git", forge_.url());

    const std::lock_guard guard{mutex_};
    EXPECT_NE(seen_by_stranger_.find("GET /owner/name.git/"), std::string::npos);
    EXPECT_EQ(seen_by_stranger_.find("Authorization"), std::string::npos);
}

TEST_F(ForgeTokenTest, IsNotSentToWhereTheForgeRedirects) {
    const LoopbackServer redirecting{[this](const std::string& head) {
        return LoopbackServer::answer(
            "302 Found", "",
            "Location: " + stranger_.url() + LoopbackServer::target(head) + "\r\n");
    }};

    EXPECT_NE(refusal(redirecting.url() + "/owner/name.git", redirecting.url()), "accepted");

    const std::lock_guard guard{mutex_};
    EXPECT_EQ(seen_by_stranger_.find("Authorization"), std::string::npos);
}

TEST_F(ForgeTokenTest, ThatIsWrongGivesOneClearLine) {
    std::ofstream{token_file_} << "wrong-token\n";

    EXPECT_EQ(refusal(forge_.url() + "/owner/name.git", forge_.url()),
              "clone owner/name: it is private or not there; forge_token_file lets private ones "
              "below forge be read");
}

TEST(IsBelowForgeTest, ComparesWholeNames) {
    EXPECT_TRUE(is_below_forge("https://git.x.net/a/b.git", "https://git.x.net"));
    EXPECT_TRUE(is_below_forge("https://git.x.net/a/b.git", "https://git.x.net/"));
    EXPECT_TRUE(is_below_forge("https://git.x.net/a/b.git", "https://git.x.net/a"));
    EXPECT_FALSE(is_below_forge("https://git.x.net.evil.net/a/b.git", "https://git.x.net"));
    EXPECT_FALSE(is_below_forge("http://git.x.net/a/b.git", "https://git.x.net"));
    EXPECT_FALSE(is_below_forge("https://git.x.net:8443/a/b.git", "https://git.x.net"));
    EXPECT_FALSE(is_below_forge("https://git.x.net/ab", "https://git.x.net/a"));
    EXPECT_FALSE(is_below_forge("https://git.x.net/a", ""));
}

}  // namespace
}  // namespace ccci::recipe
