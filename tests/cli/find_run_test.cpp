#include "cli/find_run.hpp"

#include <gtest/gtest.h>

#include "base/text.hpp"
#include "run/usage_error.hpp"
#include "support/temp_dir.hpp"

namespace ccci::cli {
namespace {

using namespace std::chrono_literals;

class FindRunTest : public testing::Test {
protected:
    static constexpr const char* k_domain = "demo-0a1b2c.ci.localhost";

    void record(const std::string& id, int minute, run::State state = run::State::ended) {
        run::Record record;
        record.run = id;
        record.domain = k_domain;
        record.manager = "none";
        record.state = state;
        record.created = run::Time{} + 24h + std::chrono::minutes{minute};
        if (state == run::State::waiting) {
            record.step = run::ProcessId::own();
        }
        run::RunDir::create(config_.runs_dir, id).write(record);
    }

    std::string found(const std::string& name) { return find_run(config_, name).record.run; }

    /// "2 1"
    std::string to_stop(const std::string& name) {
        std::vector<std::string> ids;
        for (const inspect::FoundRun& run : find_runs_to_stop(config_, name)) {
            ids.push_back(run.record.run);
        }
        return base::join(ids, " ");
    }

    std::string refusal(const std::string& name) {
        try {
            (void)find_run(config_, name);
            return "";
        } catch (const run::UsageError& error) {
            return error.what();
        }
    }

    test::TempDir temp_;
    run::Config config_ = [this] {
        run::Config config;
        config.runs_dir = temp_.path() / "runs";
        return config;
    }();
};

TEST_F(FindRunTest, TakesADomainForItsNewestRun) {
    record("10", 1);
    record("9", 2);
    record("8", 0);

    EXPECT_EQ(found(k_domain), "9");
    EXPECT_EQ(found("8"), "8");
    EXPECT_EQ(to_stop(k_domain), "9") << "none is alive";
    EXPECT_EQ(to_stop("8"), "8");
}

TEST_F(FindRunTest, StopsAllOfADomainThatAreAlive) {
    record("1", 1, run::State::waiting);
    record("2", 2, run::State::waiting);
    record("3", 3);

    EXPECT_EQ(to_stop(k_domain), "2 1");
    EXPECT_EQ(found(k_domain), "3");
}

TEST_F(FindRunTest, TakesTheIdFirstWhereAnIdIsADomain) {
    record(k_domain, 1);
    record("2", 2);

    EXPECT_EQ(found(k_domain), k_domain);
    EXPECT_EQ(to_stop(k_domain), k_domain);
}

TEST_F(FindRunTest, SaysWhatThereIsNot) {
    const std::string where = " in " + config_.runs_dir.native();
    EXPECT_EQ(refusal("1"), "no run '1'" + where + " (cc-ci ps lists them)");
    EXPECT_EQ(refusal(k_domain),
              std::string{"no run 'demo-0a1b2c.ci.localhost', and no run of such a domain,"} +
                  where + " (cc-ci ps --all lists them)");
    record("267", 1);
    record("268", 2);
    EXPECT_EQ(refusal("276"), "no run '276'" + where + "; did you mean '267'?");
    EXPECT_EQ(refusal("26"), "no run '26'" + where + "; did you mean '268' or '267'?");
    EXPECT_NE(refusal("demo-0a1b3c.ci.localhost").find("did you mean 'demo-0a1b2c.ci.localhost'?"),
              std::string::npos);
    EXPECT_NE(refusal("../1").find("invalid run id '../1'"), std::string::npos);
}

}  // namespace
}  // namespace ccci::cli
