#include "cli/ps_view.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <nlohmann/json.hpp>

#include "support/json_schema.hpp"

namespace ccci::cli {
namespace {

using namespace std::chrono_literals;

class PsViewTest : public testing::Test {
protected:
    static inspect::ListedRun example(const std::string& id, run::State state) {
        inspect::ListedRun run{.dir = run::RunDir::open("/runs/" + id), .record = {}};
        run.record.run = id;
        run.record.domain = "demo-0a1b2c.ci.localhost";
        run.record.manager = "none";
        run.record.job = "true";
        run.record.state = state;
        run.record.created = k_created;
        run.record.started = k_created;
        run.record.deadline = 1h;
        run.record.phase = "install";
        run.carried = state != run::State::ended;
        return run;
    }

    static constexpr run::Time k_created = run::Time{} + 24h;
};

TEST_F(PsViewTest, SaysThatThereIsNone) {
    EXPECT_EQ(ps_lines({}, {}, {}), (std::vector<std::string>{"no runs"}));
}

TEST_F(PsViewTest, IsAsItsSchemaSays) {
    inspect::ListedRun ended = example("1", run::State::ended);
    ended.record.verdict = run::Verdict{run::VerdictKind::passed, 0, ""};

    const auto schema = test::JsonSchema::of_docs("ps.schema.json");
    EXPECT_EQ(schema.first_error(ps_json({ended, example("2", run::State::running)})), "");
    EXPECT_EQ(schema.first_error(nlohmann::json::array()), "");
    EXPECT_NE(schema.first_error(nlohmann::json::array({{{"run", "1"}}})), "");
}

TEST_F(PsViewTest, HasTheTimeThatIsLeft) {
    const std::vector<inspect::ListedRun> runs{example("2", run::State::running)};

    EXPECT_EQ(ps_lines(runs, k_created + 54min, {}).at(1),
              "2    demo-0a1b2c.ci.localhost  running  install  54min    6min  90%   true");
    EXPECT_EQ(ps_lines(runs, k_created + 2h, {}).at(1),
              "2    demo-0a1b2c.ci.localhost  running  install  2h       0ms   200%  true");
}

}  // namespace
}  // namespace ccci::cli
