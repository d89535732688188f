#include "bridge/signature.hpp"

#include <gtest/gtest.h>

namespace ccci::bridge {
namespace {

// RFC 4231, test case 2.
constexpr const char* k_secret = "Jefe";
constexpr const char* k_body = "what do ya want for nothing?";
constexpr const char* k_right = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";

TEST(SignatureTest, IsTheOneOfTheStandard) {
    EXPECT_EQ(sign(k_body, k_secret), k_right);
    EXPECT_TRUE(is_signed(k_body, k_right, k_secret));
}

TEST(SignatureTest, IsOfThisBodyWithThisSecret) {
    const std::string right = k_right;
    std::string last = right;
    last.back() = '2';
    std::string first = right;
    first.front() = '4';
    for (const std::string& wrong :
         {std::string{}, last, first, right.substr(1), right.substr(0, 63), right + "0",
          "sha256=" + right, std::string(64, '0')}) {
        EXPECT_FALSE(is_signed(k_body, wrong, k_secret)) << wrong;
    }
    EXPECT_FALSE(is_signed(std::string{k_body} + " ", k_right, k_secret));
    EXPECT_FALSE(is_signed(k_body, k_right, "jefe"));
}

TEST(SignatureTest, IsNeverMadeByAnEmptySecret) {
    EXPECT_FALSE(is_signed(k_body, sign(k_body, ""), ""));
    EXPECT_FALSE(is_signed(k_body, "", ""));
}

}  // namespace
}  // namespace ccci::bridge
