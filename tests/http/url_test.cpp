#include "http/url.hpp"

#include <gtest/gtest.h>

#include "http/date.hpp"
#include "http/refused.hpp"

namespace ccci::http {
namespace {

using std::chrono::hours;
using std::chrono::seconds;
using std::chrono::system_clock;

const system_clock::time_point k_now = system_clock::from_time_t(1'772'356'950);

TEST(EncodeTest, LeavesNothingThatAUrlIsMadeOf) {
    EXPECT_EQ(encode("aZ09-._~"), "aZ09-._~");
    EXPECT_EQ(encode("a/b?c=d&e#f%g h+i"), "a%2Fb%3Fc%3Dd%26e%23f%25g%20h%2Bi");
    EXPECT_EQ(encode(std::string_view{"\0\xff\r\n", 4}), "%00%FF%0D%0A");
}

TEST(KeepsSecretsTest, TakesClearTextOnlyOnThisHost) {
    for (const char* server : {"https://git.example.net", "http://127.0.0.1:3000",
                               "http://localhost/", "http://localhost:80/git"}) {
        EXPECT_TRUE(keeps_secrets(server)) << server;
    }
    for (const char* server :
         {"http://git.example.net", "http://127.0.0.1.example.net", "http://localhost.example.net",
          "http://10.0.0.1", "ftp://localhost", "localhost", ""}) {
        EXPECT_FALSE(keeps_secrets(server)) << server;
    }
}

TEST(ParseDateTest, ReadsTheFormThatIsNotObsolete) {
    EXPECT_EQ(parse_date("Sun, 01 Mar 2026 09:22:30 GMT"), k_now);
    for (const char* text : {"", "Sun, 01 Mar 2026 09:22:30 CET", "Sun, 01 Mar 2026 09:22:30 GMT ",
                             "Sunday, 01-Mar-26 09:22:30 GMT", "2026-03-01T09:22:30Z",
                             "Sun, 01 Mar 9999 09:22:30 GMT"}) {
        EXPECT_EQ(parse_date(text), std::nullopt) << text;
    }
}

TEST(RetryAfterTest, IsSecondsOrADate) {
    EXPECT_EQ(parse_retry_after("120", k_now), seconds{120});
    EXPECT_EQ(parse_retry_after("0", k_now), seconds{0});
    EXPECT_EQ(parse_retry_after("Sun, 01 Mar 2026 09:23:30 GMT", k_now), seconds{60});
    EXPECT_EQ(parse_retry_after("Sun, 01 Mar 2026 09:00:00 GMT", k_now), seconds{0});
    EXPECT_EQ(parse_retry_after("99999999999999999999", k_now), hours{24});
    for (const char* text : {"", "-1", "1.5", "soon"}) {
        EXPECT_EQ(parse_retry_after(text, k_now), std::nullopt) << text;
    }
}

Answer answer_of(long status) {
    Answer answer;
    answer.status = status;
    return answer;
}

TEST(ExpectTest, ThrowsWhatAServerSaysInstead) {
    EXPECT_NO_THROW(expect(answer_of(204), {200, 204}, "ask"));
    Answer busy = answer_of(429);
    busy.headers["retry-after"] = "7";
    try {
        expect(busy, {200}, "ask");
        FAIL();
    } catch (const Refused& refused) {
        EXPECT_STREQ(refused.what(), "ask: HTTP 429");
        EXPECT_EQ(refused.retry_after(), seconds{7});
        EXPECT_TRUE(refused.is_passing());
        EXPECT_FALSE(refused.is_doubtful());
    }
}

TEST(RefusedTest, KnowsWhatMayPassAndWhatMayHaveBeenDone) {
    struct Case {
        long status;
        bool passing;
        bool doubtful;
    };
    for (const Case& each :
         {Case{400, false, false}, Case{403, false, false}, Case{404, false, false},
          Case{408, true, false}, Case{429, true, false}, Case{500, true, true},
          Case{503, true, true}}) {
        const Refused refused{"", each.status, {}};
        EXPECT_EQ(refused.is_passing(), each.passing) << each.status;
        EXPECT_EQ(refused.is_doubtful(), each.doubtful) << each.status;
    }
}

}  // namespace
}  // namespace ccci::http
