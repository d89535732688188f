#include <fmt/format.h>
#include <signal.h>
#include <sys/stat.h>

#include <fstream>

#include "base/text.hpp"
#include "scenarios/scenario.hpp"
#include "support/other_user.hpp"
#include "support/web_client.hpp"

// `cc-ci dashboard` over real sockets, with real runs.

namespace ccci::test {
namespace {

class DashboardTest : public Scenario {
protected:
    void SetUp() override {
        Scenario::SetUp();
        ASSERT_EQ(::mkfifo((marks_ / "go").c_str(), 0600), 0);
        ASSERT_EQ(::chmod(dir_.path().c_str(), 0755), 0);
    }

    /// Lets whoever reads the FIFO go on; waits for it.
    void go() const { std::ofstream{marks_ / "go"} << ""; }

    static std::vector<std::string> dashboard_argv() {
        return {CCCI_PROGRAM, "dashboard", "--listen", "127.0.0.1:0"};
    }

    void serve(std::vector<std::string> argv = dashboard_argv()) {
        dashboard_.emplace(std::move(argv));
        const std::string where = "listening on 127.0.0.1:";
        ASSERT_TRUE(dashboard_->wait_for(where)) << dashboard_->output();
        ASSERT_TRUE(dashboard_->wait_for("\n"));
        const std::string& output = dashboard_->output();
        port_ =
            static_cast<std::uint16_t>(std::stoi(output.substr(output.find(where) + where.size())));
    }

    [[nodiscard]] WebClient ask(const std::string& target,
                                const std::string& method = "GET") const {
        return WebClient{port_, WebClient::get(target, method)};
    }
    [[nodiscard]] std::string get(const std::string& target) const { return ask(target).whole(); }
    [[nodiscard]] std::string status(const std::string& target,
                                     const std::string& method = "GET") const {
        return ask(target, method).whole().substr(9, 3);
    }

    static bool has(const std::string& text, const std::string& part) {
        return text.find(part) != std::string::npos;
    }
    static void expect_part(const std::string& text, const std::string& part) {
        EXPECT_TRUE(has(text, part)) << part << "\n--\n" << text;
    }

    std::optional<ProcessUnderTest> dashboard_;
    std::uint16_t port_ = 0;
};

TEST_F(DashboardTest, FollowsARunFromItsQueueToItsEnd) {
    serve();
    WebClient list = ask("/events");
    ASSERT_TRUE(list.wait_for("Nothing is running."));
    ProcessUnderTest first{domain_argv({"--run-id", "80"},
                                       "echo upgrade >$CCCI_PHASE_FILE; echo first is here; "
                                       "cat $MARKS/go; echo and goes on; cat $MARKS/go; exit 3")};
    ASSERT_TRUE(first.wait_for("first is here"));
    ProcessUnderTest second{domain_argv({"--run-id", "81"}, "true")};
    ASSERT_TRUE(second.wait_for("waiting for"));

    EXPECT_TRUE(list.wait_for("data: 1 running, 1 waiting\n")) << list.got();
    const std::string page = get("/");
    expect_part(page, "waits for <a href=\"/runs/80\">run 80</a>");
    expect_part(page, "<strong>upgrade</strong>");
    expect_part(get("/runs/81"), "nobody before it");

    WebClient events = ask("/runs/80/events");
    EXPECT_TRUE(events.wait_for("event: log\ndata: ")) << events.got();
    EXPECT_TRUE(events.wait_for("<div>first is here</div>")) << events.got();
    EXPECT_TRUE(events.wait_for("data: run 80: running, upgrade\n")) << events.got();
    EXPECT_FALSE(has(events.got(), "and goes on"));
    go();
    EXPECT_TRUE(events.wait_for("event: log-more\ndata: ")) << events.got();
    EXPECT_TRUE(events.wait_for("<div>and goes on</div>")) << events.got();
    go();
    const std::string all = events.whole();
    expect_part(all, "<div>torn down</div>");
    expect_part(all, "data: run 80: failed\n");
    EXPECT_TRUE(all.ends_with("event: over\ndata: \n\n")) << all;
    EXPECT_LT(all.find("torn down"), all.find("event: over"));
    EXPECT_TRUE(list.wait_for("event: ended\n")) << list.got();

    EXPECT_EQ(first.exit_code(), 3);
    EXPECT_EQ(second.exit_code(), 0);
    const std::string over = get("/runs/80");
    expect_part(over, "the job exited with 3");
    expect_part(over, "<div>and goes on</div>");
    EXPECT_FALSE(has(over, "data-events"));
    expect_part(get("/?verdict=failed"), "<a class=\"run\" href=\"/runs/80\">");
    EXPECT_FALSE(has(get("/?verdict=failed"), "href=\"/runs/81\""));
}

TEST_F(DashboardTest, ShowsWhatAHostileJobPrintsAsText) {
    serve();
    ProcessUnderTest run{run_argv(
        {"--run-id", "82"},
        R"(printf '</div><script>alert(1)</script>\n\033[31mred\033[0m \377\376 \302\2331m\n';
           head -c 100000 /dev/zero | tr '\0' x; echo; echo last)")};
    EXPECT_EQ(run.exit_code(), 0);

    const std::string page = get("/runs/82");

    expect_part(page, "<div>&lt;/div&gt;&lt;script&gt;alert(1)&lt;/script&gt;</div>");
    expect_part(page, "<div>red �� �1m</div>");
    expect_part(page, "<div>last</div>");
    expect_part(page, std::string(2000, 'x') + "…");
    EXPECT_LT(page.size(), 20'000U);
    EXPECT_FALSE(has(page, "\x1b"));
}

TEST_F(DashboardTest, AnswersNothingButReadsOfItsPages) {
    ProcessUnderTest run{run_argv({"--run-id", "83"}, "true")};
    EXPECT_EQ(run.exit_code(), 0);
    std::ofstream{runs_ / "secret"} << "secret";
    serve();

    for (const char* target : {"/", "/runs/83", "/runs/83/run.json", "/recipes/immich",
                               "/badge/immich.svg", "/healthz", "/?page=2&verdict=%3Cb%3E"}) {
        EXPECT_EQ(status(target), "200") << target;
        EXPECT_EQ(status(target, "HEAD"), "200") << target;
        for (const char* method : {"POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "EVIL"}) {
            EXPECT_EQ(status(target, method)[0], '4') << method << ' ' << target;
        }
    }
    for (const char* target : {"/runs/84",
                               "/runs/",
                               "/runs/83/",
                               "/runs/..",
                               "/runs/../secret",
                               "/runs/%2e%2e",
                               "/runs/%2e%2e%2fsecret",
                               "/runs/secret",
                               "/runs/secret/run.json",
                               "/runs/83/request",
                               "/runs/83/output.log",
                               "/runs/83/..%2f83%2frun.json",
                               "/runs/83/results.json",
                               "/runs/83/screenshot.png",
                               "/runs/%00",
                               "/runs/83%00",
                               "/runs/%ff%fe",
                               "/runs/.",
                               "/recipes/UPPER",
                               "/recipes/..",
                               "/badge/..svg",
                               "/badge/%2e%2e.svg",
                               "/assets/",
                               "/assets/style.css",
                               "/assets/..%2f..%2fetc%2fpasswd",
                               "/etc/passwd",
                               "//",
                               "/runs/84/events",
                               "/favicon.ico"}) {
        EXPECT_EQ(status(target), "404") << target;
    }
    EXPECT_EQ(status("/" + std::string(20'000, 'x'))[0], '4');
    EXPECT_EQ(status("/runs/" + std::string(8'000, 'a')), "404");
    EXPECT_EQ(status("/runs/%"), "404");
    expect_part(get("/runs/%3Cscript%3E"), "There is no run &lt;script&gt;.");

    const std::string page = get("/runs/83");
    expect_part(page,
                "Content-Security-Policy: default-src 'none'; style-src 'self'; script-src "
                "'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action "
                "'self'; frame-ancestors 'none'\r\n");
    expect_part(page, "X-Content-Type-Options: nosniff\r\n");
    const std::string sheet = page.substr(page.find("/assets/style-"), 30);
    expect_part(get(sheet), "Content-Type: text/css; charset=utf-8\r\n");
    expect_part(get(sheet), "immutable\r\n");
    EXPECT_EQ(dashboard_->output().find('\n'), dashboard_->output().size() - 1)
        << "nothing of this is worth a line in the log";
}

TEST_F(DashboardTest, ServesAFileOfARunSoThatABrowserDoesNothingWithIt) {
    ProcessUnderTest run{run_argv({"--run-id", "84"},
                                  "echo '<testsuites/>' >$CCCI_RUN_DIR/junit.xml; "
                                  "echo '<script>' >$CCCI_RUN_DIR/screenshot.png; "
                                  "ln -s /etc/passwd $CCCI_RUN_DIR/results.json")};
    EXPECT_EQ(run.exit_code(), 0);
    serve();

    const std::string junit = get("/runs/84/junit.xml");
    expect_part(junit, "Content-Type: application/xml\r\n");
    expect_part(junit, "Content-Disposition: attachment; filename=\"junit-84.xml\"\r\n");
    expect_part(junit, "Content-Security-Policy: default-src 'none'; sandbox\r\n");
    EXPECT_EQ(status("/runs/84/screenshot.png"), "404") << "no picture";
    EXPECT_EQ(status("/runs/84/results.json"), "404") << "a link";
    expect_part(get("/runs/84/run.json"), "\"run\": \"84\"");
}

TEST_F(DashboardTest, SaysThatItMayNotReadALog) {
    if (::geteuid() != 0) {
        GTEST_SKIP() << "not root";
    }
    ProcessUnderTest run{run_argv({"--run-id", "85"}, "echo a secret")};
    EXPECT_EQ(run.exit_code(), 0);
    serve(other_users(dashboard_argv()));

    const std::string page = get("/runs/85");

    expect_part(page, "There is no log here: ");
    expect_part(page, manager() == "none"
                          ? "what this run says is in a file that only its owner may read"
                          : "the journal of this host may not be read here");
    EXPECT_FALSE(has(page, "<div>a secret</div>"));
    expect_part(page, "the job passed and nothing was left behind");
}

TEST_F(DashboardTest, IsWellAsLongAsItCanSeeTheRuns) {
    serve();
    EXPECT_EQ(status("/healthz"), "200") << "no run was ever there";
    dashboard_->kill(SIGTERM);
    EXPECT_EQ(dashboard_->exit_code(), 0);
    if (::geteuid() != 0) {
        GTEST_SKIP() << "not root";
    }
    std::filesystem::create_directory(runs_);
    ASSERT_EQ(::chmod(runs_.c_str(), 0700), 0);
    serve(other_users(dashboard_argv()));

    EXPECT_EQ(status("/healthz"), "503");
    EXPECT_EQ(status("/"), "500");
    WebClient events = ask("/events");
    expect_part(events.whole(), "text/event-stream");
    EXPECT_TRUE(dashboard_->wait_for("Permission denied")) << dashboard_->output();
}

TEST_F(DashboardTest, LeavesNothingOpenForThoseWhoHaveGone) {
    serve();
    ProcessUnderTest run{run_argv({"--run-id", "86"}, "echo here; cat $MARKS/go")};
    ASSERT_TRUE(run.wait_for("here"));
    const std::filesystem::path fds = fmt::format("/proc/{}/fd", dashboard_->pid());
    const auto open = [&] {
        return std::distance(std::filesystem::directory_iterator{fds},
                             std::filesystem::directory_iterator{});
    };
    const auto look = [&] {
        WebClient list = ask("/events");
        WebClient events = ask("/runs/86/events");
        return list.wait_for("event: live") && events.wait_for("event: state");
    };
    // What is opened once and for all.
    ASSERT_TRUE(look());
    WebClient{port_, WebClient::get("/healthz")}.whole();
    const auto before = open();
    for (int i = 0; i < 50; ++i) {
        ASSERT_TRUE(look()) << i;
    }
    EXPECT_TRUE(eventually([&] { return open() <= before; })) << before << " and then " << open();
    go();
    EXPECT_EQ(run.exit_code(), 0);
}

TEST_F(DashboardTest, RefusesToListenNowhere) {
    ProcessUnderTest nowhere{{CCCI_PROGRAM, "dashboard", "--listen", "localhost:80"}};
    EXPECT_EQ(nowhere.exit_code(), 2);
    expect_part(nowhere.output(),
                "--listen: key 'dashboard_listen': \"localhost:80\" is no address");
}

}  // namespace
}  // namespace ccci::test
