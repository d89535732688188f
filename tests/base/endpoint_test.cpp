#include "base/endpoint.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>

#include <stdexcept>
#include <system_error>

namespace ccci::base {
namespace {

TEST(EndpointTest, IsAnAddressAndAPort) {
    for (const char* good : {"127.0.0.1:8790", "0.0.0.0:0", "[::1]:65535", "[::]:80"}) {
        EXPECT_TRUE(is_endpoint(good)) << good;
    }
    for (const char* bad :
         {"", "8790", ":8790", "localhost:8790", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536",
          "127.0.0.1:-1", "127.0.0.1:80x", "::1:80", "[]:80", "[127.0.0.1]:80", "127.0.0.1:+1"}) {
        EXPECT_FALSE(is_endpoint(bad)) << bad;
    }
}

TEST(EndpointTest, ListensWhereItSays) {
    const UniqueFd socket = listen_on("127.0.0.1:0");

    const std::string where = endpoint_of(socket.get());
    EXPECT_EQ(where.rfind("127.0.0.1:", 0), 0U);
    EXPECT_NE(where, "127.0.0.1:0");
    EXPECT_NE(::fcntl(socket.get(), F_GETFD) & FD_CLOEXEC, 0);
    EXPECT_THROW((void)listen_on(where), std::system_error);
}

TEST(EndpointTest, ListensOnlyOnAnAddress) {
    EXPECT_THROW((void)listen_on("localhost:80"), std::invalid_argument);
}

}  // namespace
}  // namespace ccci::base
