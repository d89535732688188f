#include "lease/claimant.hpp"

#include <gtest/gtest.h>

#include "base/text.hpp"

namespace ccci::lease {
namespace {

const Claimant k_claimant{.run = "290",
                          .host = "ci-2",
                          .unit = "cc-ci-run-290.service",
                          .user = "root",
                          .since = base::parse_time("2026-03-01T09:22:30.125Z")};

TEST(ClaimantTest, IsReadBackAsItWasWritten) {
    Claimant superseding = k_claimant;
    superseding.supersedes = true;

    EXPECT_EQ(parse_claimant(encode(k_claimant)), k_claimant);
    EXPECT_EQ(parse_claimant(encode(superseding)), superseding);
}

TEST(ClaimantTest, IsNobodyForWhatNobodyWrote) {
    const std::string good = encode(k_claimant);
    for (const std::string& bad :
         {std::string{}, std::string{"{}"}, std::string{"[1]"}, std::string{"290"}, good.substr(1),
          std::string{R"({"run":1,"host":"h","unit":"","user":"","since":"now"})"},
          std::string{R"({"run":"1","host":"h","unit":"","user":"","since":"now"})"}}) {
        EXPECT_FALSE(parse_claimant(bad)) << bad;
    }
}

TEST(ClaimantTest, IsNamedWithItsHost) {
    Claimant janitor = k_claimant;
    janitor.run = "janitor";

    EXPECT_EQ(name(k_claimant), "run 290 on ci-2");
    EXPECT_EQ(name(janitor), "the janitor on ci-2");
    EXPECT_EQ(describe(k_claimant, k_claimant.since + std::chrono::seconds{12}),
              "run 290 on ci-2 holds it, and came for it 12s ago");
}

TEST(ClaimantTest, IsToldInOnePrintableLineWhateverItsName) {
    Claimant odd = k_claimant;
    odd.run = "1\n2";
    odd.host = "\x1b[31m";

    EXPECT_EQ(name(odd).find('\n'), std::string::npos);
    EXPECT_EQ(name(odd).find('\x1b'), std::string::npos);
}

TEST(ClaimantTest, OfAClockThatIsAheadCameJustNow) {
    EXPECT_EQ(describe(k_claimant, k_claimant.since - std::chrono::hours{1}),
              "run 290 on ci-2 holds it, and came for it 0ms ago");
}

}  // namespace
}  // namespace ccci::lease
