#include "web/message.hpp"

#include <gtest/gtest.h>

#include <string>

namespace ccci::web {
namespace {

class EventSinkTest : public testing::Test {
protected:
    std::string written_;
    EventSink sink_{[this](std::string_view bytes) { written_ += bytes; }, [] {}};
};

TEST_F(EventSinkTest, WritesAnEvent) {
    sink_.send("phase", "install", "7");

    EXPECT_EQ(written_, "id: 7\nevent: phase\ndata: install\n\n");
}

TEST_F(EventSinkTest, LeavesOutWhatIsEmpty) {
    sink_.send("", "");

    EXPECT_EQ(written_, "data: \n\n");
}

TEST_F(EventSinkTest, NoLineOfDataBecomesAField) {
    sink_.send("", "a\nevent: x\r\nid: y\rretry: 1\n");

    EXPECT_EQ(written_, "data: a\ndata: event: x\ndata: id: y\ndata: retry: 1\ndata: \n\n");
}

TEST(RequestTest, FindsHeadersInAnyCaseAndParametersInTheirs) {
    const Request request{.method = "GET",
                          .path = "/",
                          .captures = {},
                          .query = {{"q", "1"}, {"q", "2"}},
                          .headers = {{"X-Gitea-Event", "push"}},
                          .body = ""};

    EXPECT_EQ(request.header("x-gitea-event"), "push");
    EXPECT_EQ(request.header("x-gitea"), std::nullopt);
    EXPECT_EQ(request.parameter("q"), "1");
    EXPECT_EQ(request.parameter("Q"), std::nullopt);
}

}  // namespace
}  // namespace ccci::web
