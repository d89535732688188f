#include <fmt/format.h>
#include <gtest/gtest.h>

#include <pugixml.hpp>

#include "base/files.hpp"
#include "base/text.hpp"
#include "dashboard/assets.hpp"
#include "dashboard/parts.hpp"
#include "dashboard/run_page.hpp"
#include "dashboard/runs_page.hpp"

namespace ccci::dashboard {
namespace {

using namespace std::chrono_literals;

/// What anybody may have put into any text of a run.
const std::string k_hostile =
    "\"'><script>alert(1)</script><img src=x onerror=alert(1)>\x1b[31m\xff\xfe\n</pre>&";

bool has(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

class PagesTest : public testing::Test {
protected:
    static run::Record example(const std::string& id, run::State state) {
        run::Record record;
        record.run = id;
        record.domain = "immi-ad3e33.ci.example.net";
        record.unit = "cc-ci-run-" + id + ".service";
        record.manager = "system";
        record.job = "recipe immich#2";
        record.state = state;
        record.created = k_now - 4min;
        record.deadline = 1h;
        record.teardown_budget = 10min;
        if (state != run::State::waiting) {
            record.started = record.created;
            record.phases = {{"install", k_now - 4min, k_now - 2min}, {"upgrade", k_now - 2min}};
            record.phase = "upgrade";
        }
        return record;
    }

    static inspect::ListedRun listed(run::Record record) {
        const bool carried = record.state != run::State::ended;
        return {run::RunDir::open("/runs/" + record.run), std::move(record), 0, carried};
    }

    static run::Record ended(const std::string& id, run::VerdictKind kind) {
        run::Record record = example(id, run::State::ended);
        record.ended = k_now;
        record.phase.clear();
        record.phases.back().ended = k_now;
        record.note = "level 4 of 5 (lint: not run), deploys 1";
        record.verdict = run::Verdict{kind, 7, "the job exited with 7"};
        return record;
    }

    static run::Record hostile() {
        run::Record record = ended("6", run::VerdictKind::failed);
        record.domain = record.unit = record.manager = record.job = record.note = k_hostile;
        record.teardown_note = k_hostile;
        record.phase = "for " + k_hostile;
        record.phases = {{k_hostile, k_now - 1min, k_now}};
        record.leaked = {k_hostile};
        record.verdict->reason = k_hostile;
        return record;
    }

    static RunView view_of(const run::Record& record) {
        const bool carried = record.state != run::State::ended;
        RunView view{.report = {.record = record,
                                .user = "root",
                                .state = inspect::shown_state(record, carried),
                                .carried = carried,
                                .now = k_now,
                                .unit_state = ""}};
        return view;
    }

    /// Where each comes from, a browser finds as many elements as it would in a page without
    /// anything hostile in it.
    static std::size_t count(const std::string& page, const std::string& part) {
        std::size_t found = 0;
        for (std::size_t at = page.find(part); at != std::string::npos;
             at = page.find(part, at + 1)) {
            ++found;
        }
        return found;
    }

    static void expect_harmless(const std::string& page) {
        EXPECT_EQ(count(page, "<script"), 1U) << page;
        EXPECT_FALSE(has(page, "<img src=x")) << page;
        EXPECT_FALSE(has(page, "\x1b")) << page;
        EXPECT_FALSE(has(page, "\xff")) << page;
        EXPECT_FALSE(has(page, "</pre>")) << page;
        EXPECT_FALSE(has(page, " style=")) << page;
    }

    static constexpr run::Time k_now = run::Time{} + 24h * 20'000;
};

TEST_F(PagesTest, RunsPageSaysWhoRunsAndWhoWaitsForWhom) {
    run::Record first = example("291", run::State::waiting);
    first.phase = "for 290";
    run::Record second = example("292", run::State::waiting);
    second.phase = "for 290";
    second.created = k_now - 1min;
    RunsView view{.now = k_now};
    view.live = {listed(second), listed(first), listed(example("290", run::State::running))};

    const std::string page = runs_page(view).markup();

    EXPECT_EQ(status_line(view), "1 running, 2 waiting");
    EXPECT_TRUE(
        has(page, "<p class=\"status\" role=\"status\" id=\"status\">1 running, 2 waiting"));
    EXPECT_TRUE(has(page, "waits for <a href=\"/runs/290\">run 290</a></span>")) << page;
    EXPECT_TRUE(has(page, "waits for <a href=\"/runs/290\">run 290</a>, 1 before it")) << page;
    EXPECT_TRUE(has(page, "<strong>upgrade</strong>")) << page;
    EXPECT_TRUE(has(page, "of at most 1h")) << page;
    EXPECT_TRUE(has(page, "<progress max=\"3600\" value=\"240\"")) << page;
    EXPECT_TRUE(has(page, "No run is over yet.")) << page;
}

TEST_F(PagesTest, RunsPageHasThoseThatAreOver) {
    RunsView view{.now = k_now, .filter = {.state = "failed", .page = 2}, .has_older = true};
    view.past = {listed(ended("5", run::VerdictKind::failed))};

    const std::string page = runs_page(view).markup();

    EXPECT_TRUE(has(page, "<a class=\"run\" href=\"/runs/5\">5</a>")) << page;
    EXPECT_TRUE(has(page, "<a href=\"/recipes/immich\">immich</a>")) << page;
    EXPECT_TRUE(has(page, "<span class=\"chip bad\">failed</span>")) << page;
    EXPECT_TRUE(has(page, "level 4 of 5")) << page;
    EXPECT_TRUE(has(page, "the job exited with 7")) << page;
    EXPECT_TRUE(has(page, ">4min</td>")) << page;
    EXPECT_TRUE(has(page, "<option value=\"failed\" selected=\"selected\">")) << page;
    EXPECT_TRUE(has(page, "href=\"/?verdict=failed\">← Newer")) << page;
    EXPECT_TRUE(has(page, "href=\"/?verdict=failed&amp;page=3\">Older")) << page;
}

TEST_F(PagesTest, RunPageSaysWhatHappenedAndWhatToDo) {
    run::Record record = ended("5", run::VerdictKind::leftovers);
    record.clean = false;
    record.teardown_note = "left: volume x";
    RunView view = view_of(record);
    view.report.recipe = inspect::RecipeReport{
        .verdict = "failed",
        .tiers = {{.name = "install",
                   .result = "fail",
                   .message = "1 of 2 tests failed",
                   .seconds = 2.5,
                   .tests = {{.name = "install/a", .result = "pass"},
                             {.name = "install/b", .result = "fail", .message = "exit 1"}},
                   .failed = {{"install/b", "exit 1"}}}}};
    view.files = {.results = true, .junit = true, .picture = true};
    view.log = {"== install ==", "cloned"};

    const std::string page = run_page(view).markup();

    EXPECT_TRUE(has(page, "its teardown left something behind")) << page;
    EXPECT_TRUE(has(page, "cc-ci janitor --domain immi-ad3e33.ci.example.net")) << page;
    EXPECT_TRUE(has(page, "INCOMPLETE: left: volume x")) << page;
    EXPECT_TRUE(has(page, "1 of 2 tests failed")) << page;
    EXPECT_TRUE(has(page, "<details id=\"tests-install\" open=\"open\">")) << page;
    EXPECT_TRUE(has(page, "/runs/5/results.json\"")) << page;
    EXPECT_TRUE(has(page, "/runs/5/junit.xml\"")) << page;
    EXPECT_TRUE(has(page, "src=\"/runs/5/screenshot.png\"")) << page;
    EXPECT_TRUE(has(page, "<div class=\"heading\">== install ==</div><div>cloned</div>")) << page;
    EXPECT_FALSE(has(page, "data-events")) << "it is over";
}

TEST_F(PagesTest, RunPageFollowsARunThatGoesOn) {
    RunView view = view_of(example("5", run::State::running));
    view.log_hidden = "the journal of this host may not be read here";

    const std::string page = run_page(view).markup();

    EXPECT_TRUE(has(page, "data-events=\"/runs/5/events\"")) << page;
    EXPECT_TRUE(has(page, "run 5: running, upgrade")) << page;
    EXPECT_TRUE(has(page, "There is no log here: the journal of this host may not be read here."))
        << page;
    EXPECT_TRUE(has(page, "<rect class=\"now\" x=\"50.0\" width=\"50.0\"")) << page;
    EXPECT_FALSE(has(page, "results.json")) << page;
}

TEST_F(PagesTest, NothingOfARunBecomesMarkup) {
    RunsView runs{.now = k_now, .filter = {.text = k_hostile}};
    run::Record live = hostile();
    live.state = run::State::waiting;
    live.verdict = std::nullopt;
    runs.live = {listed(live)};
    runs.past = {listed(hostile())};
    runs.past.front().owner = 1000;
    runs.users[1000] = k_hostile;
    expect_harmless(runs_page(runs).markup());
    EXPECT_FALSE(has(live_runs(runs).markup(), "<script"));

    RunView run = view_of(hostile());
    run.report.user = k_hostile;
    run.report.recipe = inspect::RecipeReport{
        .verdict = k_hostile,
        .tiers = {{.name = k_hostile,
                   .result = k_hostile,
                   .message = k_hostile,
                   .tests = {{.name = k_hostile, .result = k_hostile, .message = k_hostile}},
                   .failed = {{k_hostile, k_hostile}}}},
        .lane = k_hostile,
        .ref = k_hostile,
        .source = k_hostile,
        .commit = k_hostile,
        .base = k_hostile,
        .error = k_hostile};
    run.log = {k_hostile, "== " + k_hostile};
    run.log_hidden = k_hostile;
    expect_harmless(run_page(run).markup());
    expect_harmless(problem_page(404, k_hostile).markup());
    expect_harmless(recipe_page(runs).markup());
}

TEST_F(PagesTest, APageStaysSmallWhateverAJobWrote) {
    RunView view = view_of(ended("5", run::VerdictKind::failed));
    inspect::TierReport tier{.name = std::string(100'000, 'n')};
    tier.tests.resize(2000, {.name = std::string(1000, 'n'), .message = std::string(9000, 'm')});
    view.report.recipe = inspect::RecipeReport{.verdict = "failed", .tiers = {500, {.name = "x"}}};
    view.report.recipe->tiers.front() = tier;
    view.report.record.leaked.resize(1000, std::string(5000, 'l'));
    view.log.resize(300, std::string(60'000, 'x'));

    EXPECT_LT(run_page(view).markup().size(), 1'000'000U);
}

TEST_F(PagesTest, AreWellFormedDownToTheLastElement) {
    RunsView runs{.now = k_now, .filter = {.recipe = "immich", .text = k_hostile}};
    runs.live = {listed(example("7", run::State::running))};
    runs.past = {listed(hostile())};
    RunView run = view_of(hostile());
    run.log = {k_hostile};
    for (const std::string& markup : {runs_page(runs).markup(), recipe_page(runs).markup(),
                                      run_page(run).markup(), problem_page(404, "x").markup()}) {
        std::string xml = markup.substr(markup.find('\n') + 1);
        for (const char* name : {"meta", "link", "input", "img"}) {
            // What HTML never closes.
            const std::string begin = std::string{"<"} + name + " ";
            for (std::size_t at = xml.find(begin); at != std::string::npos;
                 at = xml.find(begin, at + 1)) {
                xml.insert(xml.find('>', at), "/");
            }
        }
        pugi::xml_document document;
        const auto result = document.load_string(xml.c_str());
        EXPECT_TRUE(result) << result.description() << " at "
                            << xml.substr(static_cast<std::size_t>(result.offset), 200);
        EXPECT_EQ(document.select_nodes("//h1").size(), 1U);
        EXPECT_EQ(document.select_nodes("//main").size(), 1U);
        EXPECT_TRUE(document.select_nodes("//th[not(@scope)]").empty());
        EXPECT_TRUE(document.select_nodes("//img[not(@alt)]").empty());
        std::vector<std::string> ids;
        for (const auto& node : document.select_nodes("//*[@id]")) {
            ids.emplace_back(node.node().attribute("id").value());
        }
        std::sort(ids.begin(), ids.end());
        EXPECT_EQ(std::adjacent_find(ids.begin(), ids.end()), ids.end());
    }
}

TEST(AssetsTest, AreTheFilesAsTheyAre) {
    for (const char* name : {"style.css", "live.js", "icon.svg"}) {
        const std::string path = asset_path(name).text();
        const Asset* asset = find_asset(path.substr(path.rfind('/') + 1));
        ASSERT_NE(asset, nullptr) << path;
        EXPECT_EQ(asset->text, base::try_read_file(
                                   std::string{CCCI_SOURCE_DIR "/src/dashboard/assets/"} + name));
    }
    EXPECT_EQ(find_asset("style.css"), nullptr);
    EXPECT_EQ(find_asset("../style.css"), nullptr);
}

}  // namespace
}  // namespace ccci::dashboard
