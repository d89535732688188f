#include "base/base64.hpp"

#include <gtest/gtest.h>

namespace ccci::base {
namespace {

TEST(Base64Test, IsTheOneOfTheStandard) {
    EXPECT_EQ(to_base64(""), "");
    EXPECT_EQ(to_base64("f"), "Zg==");
    EXPECT_EQ(to_base64("fo"), "Zm8=");
    EXPECT_EQ(to_base64("foo"), "Zm9v");
    EXPECT_EQ(to_base64("foob"), "Zm9vYg==");
}

TEST(Base64Test, ComesBackAsItWas) {
    std::string data;
    for (int byte = 0; byte < 256; ++byte) {
        data += static_cast<char>(byte);
        EXPECT_EQ(from_base64(to_base64(data)), data);
    }
}

TEST(Base64Test, IsNothingElse) {
    for (const char* text : {"Z", "Zg", "Zg=", "Zg===", "Zh==", "Z===", "====", "Zm9v=", "Zm9v====",
                             "Zg==Zg==", "Zm 9v", "Zm9v\n", "Zm-_", "=Zm9"}) {
        EXPECT_EQ(from_base64(text), std::nullopt) << text;
    }
}

}  // namespace
}  // namespace ccci::base
