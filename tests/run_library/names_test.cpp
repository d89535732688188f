#include "run/names.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "run/usage_error.hpp"

namespace ccci::run {
namespace {

using Check = std::function<std::string(const std::string&)>;

/// What no name of any kind may be.
const std::vector<std::string> k_hostile{
    "../../etc/passwd",
    "..",
    "../x",
    "a/../b",
    "-x",
    "--upload-pack=reboot",
    "a b",
    "a\nb",
    "a\n",
    "\n",
    "a\tb",
    "a\rb",
    std::string("a\0b", 3),
    std::string("a\0", 2),
    std::string("\0", 1),
    "a;reboot",
    "$(reboot)",
    "`reboot`",
    "a|b",
    "a&b",
    "a>b",
    "a*",
    "a?",
    "[a]",
    "{a}",
    "a'b",
    "a\"b",
    "a\\b",
    "a\x1b[2J",
    "a\x7f",
    "\xff\xfe",
    "a\xc3\xa9",
    "\xd0\xb0pp.ci.example.net",
    "%s%n",
    "a,b",
    "a=b",
    "a#b",
    "a!b",
    "a^b",
    "a(b)",
    std::string(5000, 'a'),
    std::string(1 << 20, 'a'),
};

bool is_refused(const Check& check, const std::string& text) {
    try {
        EXPECT_EQ(check(text), text);
        return false;
    } catch (const UsageError& error) {
        // One line that a terminal may see, and that is not as long as the value.
        const std::string message = error.what();
        EXPECT_LT(message.size(), 600U);
        for (const char c : message) {
            EXPECT_TRUE(c >= 0x20 && c < 0x7f) << message;
        }
        return true;
    }
}

void expect(const Check& check, const std::vector<std::string>& good,
            const std::vector<std::string>& bad) {
    for (const std::string& text : good) {
        EXPECT_FALSE(is_refused(check, text)) << text;
    }
    for (const std::string& text : bad) {
        EXPECT_TRUE(is_refused(check, text)) << text.substr(0, 100);
    }
    for (const std::string& text : k_hostile) {
        EXPECT_TRUE(is_refused(check, text)) << text.substr(0, 100);
    }
}

std::string labels(std::size_t size) {
    std::string text;
    while (text.size() < size) {
        text += text.size() % 10 == 9 ? '.' : 'a';
    }
    return text;
}

TEST(CheckDomainTest, TakesLowerCaseDnsNamesOnly) {
    expect(check_domain,
           {"a.b", "immi-ad3e33.ci.example.net", "0.1", "xn--bcher-kva.example", "a--b.c",
            std::string(63, 'a') + ".b", labels(199) + "a"},
           {"",
            ".",
            "a",
            "localhost",
            "A.b",
            "a.B",
            "App.ci.example.net",
            ".a.b",
            "a.b.",
            "a..b",
            "-a.b",
            "a-.b",
            "a.-b",
            "a.b-",
            "a_b.c",
            "a/b.c",
            "a.b/",
            "a.b:80",
            "a@b.c",
            "http://a.b",
            "*.a.b",
            "a.b\n",
            std::string(64, 'a') + ".b",
            labels(201) + "a"});
}

TEST(CheckRunIdTest, TakesWhatIsSafeInAPathAndAUnitName) {
    expect(
        check_run_id,
        {"1", "267", "manual-4711", "a", "A", "a_b.c-d", "267-2", "v1.2.3", std::string(64, 'a')},
        {"", ".", ".hidden", "_a", "a..b", "a/b", "/a", "a@b", "a:b", "a+b", "a~b",
         std::string(65, 'a')});
}

TEST(CheckRecipeTest, TakesPlainNamesOnly) {
    expect(check_recipe, {"immich", "a", "0", "mail-server", "x-", std::string(64, 'a')},
           {"", "Immich", "a_b", "a.b", "a/b", ".", "a@b", "a:b", "a+b", std::string(65, 'a')});
}

TEST(CheckRefTest, TakesBranchesTagsAndCommits) {
    expect(check_ref,
           {"main", "v1.2.3", "1.0.0+2.3", "feature/x-y_z", "refs/pull/12/head",
            "da39a3ee5e6b4b0d3255bfef95601890afd80709", "HEAD", "_x", std::string(200, 'a')},
           {"",       "/",        "/main", "main/",
            "a//b",   "a..b",     ".a",    "a.",
            "a.lock", "a~1",      "a^",    "a:b",
            "a@{1}",  "@",        "+main", "+refs/heads/*:refs/heads/*",
            "a/.b",   "a.lock/b", "a/./b", std::string(201, 'a')});
}

TEST(CheckPullRequestTest, TakesANumberOrNothing) {
    expect(check_pull_request, {"", "0", "2", "999999999"},
           {"-1", "+1", "1.5", "2a", " 2", "2 ", "0x1", "1000000000", "\xd9\xa1"});
}

TEST(CheckSourceTest, TakesUrlsPathsAndOwnerWithName) {
    expect(check_source,
           {"owner/name", "coop-cloud/immich", "owner/name.git", "/srv/recipes/immich",
            "https://git.example.net/owner/name.git", "http://localhost:3000/o/n",
            "ssh://git@git.example.net:2222/o/n.git", "file:///srv/recipes/immich",
            "https://git.example.net/~user/name"},
           {"",
            "name",
            "a/b/c",
            "/..",
            "/srv/../etc",
            "https://",
            "ssh://",
            "file://",
            "ssh://-oProxyCommand=reboot/x",
            "ssh://-oProxyCommand/x",
            "https://-x/y",
            "ssh://git@-oProxyCommand/x",
            "ssh://git@",
            "ssh://user:secret@git.example.net/o/n",
            "ssh://git@git.example.net@evil.net/o/n",
            "ssh://evil.net/git@git.example.net/x",
            "ext::sh -c reboot",
            "ext::sh/x",
            "ext::x",
            "git://example.net/x",
            "ftp://example.net/x/y",
            "host:path/x",
            "git@example.net:o/n",
            "owner/-name",
            "-owner/name",
            "owner/",
            "/../x",
            "owner/.git",
            "./x",
            "../x/y",
            "~/x",
            "https://user:secret@git.example.net/o/n",
            "https://token@git.example.net/o/n",
            "HTTPS://git.example.net/o/n",
            "https://example.net/o/n?x",
            "a/b#c",
            "/" + std::string(500, 'a')});
}

TEST(CheckForgeTest, TakesPlainUrlsOfOneHost) {
    expect(check_forge,
           {"https://git.example.net", "https://git.example.net/", "http://127.0.0.1:3000",
            "https://git.example.net/below/here", "http://forge"},
           {"",
            "https://",
            "http:///x",
            "https://:80",
            "https://h:",
            "https://h:x",
            "git.example.net",
            "ssh://git.example.net",
            "ftp://x",
            "https://*.example.net",
            "https://-h",
            "https://h-",
            "https://user@git.example.net",
            "https://user:secret@git.example.net",
            "https://git.example.net?x",
            "https://git.example.net#x",
            "https://h/../x",
            "https://a b",
            "https://h\n",
            "https://" + std::string(200, 'a')});
}

TEST(StackNameTest, GoesThereAndBack) {
    for (const char* domain : {"a.b", "immi-ad3e33.ci.example.net", "a--b.c"}) {
        EXPECT_EQ(domain_of_stack(stack_name(domain)), domain);
    }
    EXPECT_EQ(stack_name("immi-ad3e33.ci.example.net"), "immi-ad3e33_ci_example_net");
}

// Case 17.
TEST(RunAppPatternTest, TakesRunAppsOfItsBaseDomainOnly) {
    const RunAppPattern pattern = RunAppPattern::for_base_domain("ci.example.net");
    const RunAppPattern same{pattern.expression()};

    for (const char* domain : {"immi-ad3e33.ci.example.net", "a-000000.ci.example.net",
                               "a-b--ffffff.ci.example.net", "0-123456.ci.example.net"}) {
        EXPECT_TRUE(pattern.matches(domain)) << domain;
        EXPECT_TRUE(same.matches(domain)) << domain;
    }
    for (const char* domain :
         {"", "ci.example.net", "traefik.ci.example.net", "immi-ad3e33.example.net",
          "immi-ad3e33.ci.example.net.evil.net", "x.immi-ad3e33.ci.example.net",
          "immi-ad3e33.cixexample.net", "immi-ad3e33xci.example.net", "immic-ad3e33.ci.example.net",
          "immi-ad3e3.ci.example.net", "immi-ad3e333.ci.example.net", "immi-ad3e3g.ci.example.net",
          "immi-AD3E33.ci.example.net", "-ad3e33.ci.example.net", "--ad3e33.ci.example.net",
          "immi_ad3e33.ci.example.net", "immi-ad3e33.ci.example.net\n",
          "../immi-ad3e33.ci.example.net", "immi-ad3e33.ci.example.net/x"}) {
        EXPECT_FALSE(pattern.matches(domain)) << domain;
        EXPECT_FALSE(same.matches(domain)) << domain;
    }
}

TEST(RunAppPatternTest, MatchesTheWholeNameAndOnlyDomains) {
    EXPECT_FALSE(RunAppPattern{"a"}.matches("a.b"));
    EXPECT_TRUE(RunAppPattern{"a\\.b"}.matches("a.b"));
    EXPECT_TRUE(RunAppPattern{".*"}.matches("a.b"));
    EXPECT_FALSE(RunAppPattern{".*"}.matches("../../etc/passwd"));
    EXPECT_FALSE(RunAppPattern{".*"}.matches("a"));
    EXPECT_FALSE(RunAppPattern{".*"}.matches("A.b"));
    EXPECT_FALSE(RunAppPattern{"[^]*"}.matches("a.b\n"));
    EXPECT_FALSE(RunAppPattern{""}.matches("a.b"));
}

TEST(RunAppPatternTest, RefusesWhatIsNoExpression) {
    for (const char* expression : {"(", "[", "*", "a{2,1}", "\\", "a{99999999999999999999}"}) {
        EXPECT_THROW(RunAppPattern{expression}, UsageError) << expression;
    }
}

}  // namespace
}  // namespace ccci::run
