#include "cli/find_run.hpp"

#include <gtest/gtest.h>

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

    std::string found(const std::string& name, Meant meant = Meant::newest) {
        return find_run(config_, name, meant).record.run;
    }

    std::string refusal(const std::string& name, Meant meant = Meant::newest) {
        try {
            (void)find_run(config_, name, meant);
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
    EXPECT_EQ(found(k_domain, Meant::live), "9") << "none is alive";
}

TEST_F(FindRunTest, TakesADomainForTheOneThatIsAlive) {
    record("1", 1, run::State::waiting);
    record("2", 2);

    EXPECT_EQ(found(k_domain, Meant::live), "1");
    EXPECT_EQ(found(k_domain), "2");
}

TEST_F(FindRunTest, DoesNotChooseAmongSeveralThatAreAlive) {
    record("1", 1, run::State::waiting);
    record("2", 2, run::State::waiting);
    record("3", 3);

    EXPECT_EQ(refusal(k_domain, Meant::live),
              "domain 'demo-0a1b2c.ci.localhost' has 2 runs that are alive: 2, 1");
}

TEST_F(FindRunTest, TakesTheIdFirstWhereAnIdIsADomain) {
    record(k_domain, 1);
    record("2", 2);

    EXPECT_EQ(found(k_domain), k_domain);
}

TEST_F(FindRunTest, SaysWhatThereIsNot) {
    const std::string where = " in " + config_.runs_dir.native();
    EXPECT_EQ(refusal("1"), "no run '1'" + where + " (cc-ci ps lists them)");
    EXPECT_EQ(refusal(k_domain),
              std::string{"no run 'demo-0a1b2c.ci.localhost', and no run of such a domain,"} +
                  where + " (cc-ci ps --all lists them)");
    EXPECT_NE(refusal("../1").find("invalid run id '../1'"), std::string::npos);
}

}  // namespace
}  // namespace ccci::cli
