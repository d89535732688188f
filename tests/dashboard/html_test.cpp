#include "dashboard/html.hpp"

#include <gtest/gtest.h>

namespace ccci::dashboard {
namespace {

TEST(HtmlTest, HasTextAsTextWhateverIsInIt) {
    const std::string hostile = "</td><script>alert('x')</script>&amp;\"\x1b[1m\xff";

    EXPECT_EQ(el("td", {{"title", hostile}}, hostile).markup(),
              "<td title=\"&lt;/td&gt;&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&amp;amp;"
              "&quot;�\">&lt;/td&gt;&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&amp;amp;"
              "&quot;�</td>");
}

TEST(HtmlTest, IsMadeOfPiecesAndTexts) {
    const std::vector<Html> items{el("li", {}, "1"), el("li", {}, "2")};

    EXPECT_EQ(el("ul", {{"class", "list"}}, items, "<", el("b", {}, "x")).markup(),
              "<ul class=\"list\"><li>1</li><li>2</li>&lt;<b>x</b></ul>");
    EXPECT_EQ(leaf("input", {{"name", "a"}, {"value", "\"<"}}).markup(),
              "<input name=\"a\" value=\"&quot;&lt;\">");
    EXPECT_TRUE(Html{}.is_empty());
}

TEST(HtmlTest, LeadsNowhereButToThisSite) {
    EXPECT_EQ(Path{}.text(), "/");
    EXPECT_EQ((Path{} / "runs" / "267").text(), "/runs/267");
    EXPECT_EQ((Path{} / "//evil.example" / "../..\\").text(), "/%2F%2Fevil.example/..%2F..%5C");
    EXPECT_EQ((Path{} / ".." / "." / "" / "x").text(), "/-/-/-/x");
    EXPECT_EQ((Path{} / "javascript:alert(1)").text(), "/javascript%3Aalert%281%29");
    EXPECT_EQ(Path{}.with("a&b", "c d=\"").with("e", "f").text(), "/?a%26b=c%20d%3D%22&e=f");
    EXPECT_EQ(link(Path{}.with("a", "b").with("c", "d"), {}, "<").markup(),
              "<a href=\"/?a=b&amp;c=d\">&lt;</a>");
    EXPECT_EQ(picture(Path{} / "x.png", {{"alt", "\""}}).markup(),
              "<img alt=\"&quot;\" src=\"/x.png\">");
}

}  // namespace
}  // namespace ccci::dashboard
