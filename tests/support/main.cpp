#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>

namespace {

bool in_ci() {
    const char* ci = std::getenv("CI");
    return ci != nullptr && *ci != '\0';
}

/// Shows what the units of the failed test said, where there is a journal of our own.
class JournalOnFailure : public testing::EmptyTestEventListener {
    void OnTestEnd(const testing::TestInfo& info) override {
        if (!info.result()->Failed() || std::getenv("CCCI_SANDBOX") == nullptr) {
            return;
        }
        std::printf("---- journal at the failure of %s.%s\n", info.test_suite_name(), info.name());
        (void)std::fflush(stdout);
        (void)!std::system(
            "journalctl --quiet --no-pager --boot --output=short-precise --lines=60 2>/dev/null");
        std::printf("----\n");
    }
};

}  // namespace

/// 0 passed, 1 failed, 77 when every test was skipped. In CI a skipped test is a failure: it means
/// that CI does not check what it is there to check.
int main(int argc, char** argv) {
    testing::InitGoogleTest(&argc, argv);
    testing::UnitTest::GetInstance()->listeners().Append(new JournalOnFailure);
    const int result = RUN_ALL_TESTS();
    const testing::UnitTest& all = *testing::UnitTest::GetInstance();
    if (result == 0 && all.skipped_test_count() > 0) {
        if (in_ci()) {
            std::printf("%d skipped, which CI does not accept\n", all.skipped_test_count());
            return 1;
        }
        if (all.successful_test_count() == 0) {
            return 77;
        }
    }
    return result;
}
