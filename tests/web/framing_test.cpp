#include "web/framing.hpp"

#include <gtest/gtest.h>

#include <string>

namespace ccci::web {
namespace {

const Limits k_limits{.head = 200, .body = 10};

Framing framed(const std::string& text) {
    return frame(text, k_limits);
}
bool is_incomplete(const std::string& text) {
    return framed(text).state == Framing::State::incomplete;
}
/// 0: it is not refused.
int refusal(const std::string& text) {
    return framed(text).status;
}

TEST(FramingTest, ARequestEndsWithItsHeadWhereNoLengthIsSaid) {
    const std::string text = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

    EXPECT_EQ(framed(text).state, Framing::State::complete);
    EXPECT_EQ(framed(text + "GET /more").size, text.size());
    for (std::size_t size = 0; size < text.size(); ++size) {
        EXPECT_TRUE(is_incomplete(text.substr(0, size))) << size;
    }
}

TEST(FramingTest, ABodyHasTheLengthThatIsSaid) {
    const std::string head = "POST / HTTP/1.1\r\ncontent-LENGTH: 3 \r\n\r\n";

    EXPECT_TRUE(is_incomplete(head + "ab"));
    EXPECT_EQ(framed(head + "abc").size, head.size() + 3);
    EXPECT_EQ(framed(head + "abcd").size, head.size() + 3);
}

TEST(FramingTest, RefusesAHeadThatIsTooLongBeforeItsEnd) {
    EXPECT_TRUE(is_incomplete(std::string(200, 'a')));
    EXPECT_EQ(refusal(std::string(201, 'a')), 431);
    EXPECT_EQ(refusal("GET / HTTP/1.1\r\nA: " + std::string(300, 'a') + "\r\n\r\n"), 431);
}

TEST(FramingTest, RefusesABodyThatIsTooLongBeforeItComes) {
    EXPECT_EQ(refusal("POST / HTTP/1.1\r\nContent-Length: 11\r\n\r\n"), 413);
    EXPECT_EQ(refusal("POST / HTTP/1.1\r\nContent-Length: 10\r\n\r\n"), 0);
}

TEST(FramingTest, RefusesWhatTwoReadersCouldTakeForTwoLengths) {
    const auto with = [](const std::string& fields) {
        return refusal("POST / HTTP/1.1\r\n" + fields + "\r\n\r\n");
    };

    EXPECT_EQ(with("Transfer-Encoding: chunked"), 411);
    EXPECT_EQ(with("transfer-encoding: identity\r\nContent-Length: 1"), 411);
    EXPECT_EQ(with("Content-Length: 1\r\nContent-Length: 1"), 400);
    EXPECT_EQ(with("Content-Length: 1, 1"), 400);
    EXPECT_EQ(with("Content-Length: +1"), 400);
    EXPECT_EQ(with("Content-Length: -1"), 400);
    EXPECT_EQ(with("Content-Length: 0x1"), 400);
    EXPECT_EQ(with("Content-Length:"), 400);
    EXPECT_EQ(with("Content-Length: 18446744073709551617"), 400);
    EXPECT_EQ(with("Content-Length : 1"), 400);
    EXPECT_EQ(with(" Content-Length: 1"), 400);
    EXPECT_EQ(with("Content-Length: 1\r\n folded: 2"), 400);
    EXPECT_EQ(with("A: b\rContent-Length: 1"), 400);
    EXPECT_EQ(with("A: b\nContent-Length: 1"), 400);
    EXPECT_EQ(with("no colon"), 400);
}

}  // namespace
}  // namespace ccci::web
