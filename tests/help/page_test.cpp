#include "help/page.hpp"

#include <gtest/gtest.h>

namespace ccci::help {
namespace {

constexpr const char* k_page = R"(# cc-ci sub it

Does `it`, as [cc-ci(1)](cc-ci.md) says.

## Usage

```
cc-ci sub it [OPTION...]
cc-ci sub it --all
```

## Description

- `--none`:
  It is no option.

## Commands

- [`cc-ci sub it now`](now.md):
  Does it now.

## Options

- `-n`, `--lines NUMBER`:
  Only [so many], of `x[1]`.
  Default: [`10`](ten.md).

- `--state a|b`:
  In this state.

And more words.

## See also

- `--neither`:
  This one.
)";

using Texts = std::vector<std::string>;

TEST(PageTest, IsReadAsPlainText) {
    const Page page = parse_page(k_page);

    EXPECT_EQ(page.command, "cc-ci sub it");
    EXPECT_EQ(page.summary, "Does it, as cc-ci(1) says.");
    EXPECT_EQ(page.usage, (Texts{"cc-ci sub it [OPTION...]", "cc-ci sub it --all"}));
    ASSERT_EQ(page.commands.size(), 1U);
    EXPECT_EQ(page.commands[0].subject, "cc-ci sub it now");
    EXPECT_EQ(page.commands[0].sentences, Texts{"Does it now."});
    ASSERT_EQ(page.options.size(), 2U);
    EXPECT_EQ(page.options[0].subject, "-n, --lines NUMBER");
    EXPECT_EQ(page.options[0].sentences, (Texts{"Only [so many], of x[1].", "Default: 10."}));
    EXPECT_EQ(page.options[1].subject, "--state a|b");
}

TEST(PageTest, KnowsAnOptionByItsWholeSubject) {
    const Page page = parse_page(k_page);

    ASSERT_NE(page.option("--state a|b"), nullptr);
    EXPECT_EQ(page.option("--state a|b")->sentences, Texts{"In this state."});
    EXPECT_EQ(page.option("--state"), nullptr);
    EXPECT_EQ(page.option("--neither"), nullptr);
}

TEST(PageTest, IsEmptyWhenNothingIsKnownOfIt) {
    for (const char* text : {"", "\n", "# ", "no title", "## Options\n\n  of nothing\n", "[`](["}) {
        const Page page = parse_page(text);
        EXPECT_EQ(page.command, "") << text;
        EXPECT_TRUE(page.options.empty()) << text;
    }
}

TEST(PageTest, IsInTheProgram) {
    ASSERT_TRUE(find_page("cc-ci warm promote"));
    EXPECT_EQ(find_page("cc-ci warm promote")->command, "cc-ci warm promote");
    EXPECT_FALSE(find_page("cc-ci warm prom"));
    EXPECT_FALSE(find_page(""));
}

TEST(PageTest, HasWhatItSharesWithOthers) {
    for (const char* command : {"cc-ci run", "cc-ci recipe", "cc-ci warm remove"}) {
        EXPECT_NE(find_page(command)->option("--deadline TIME"), nullptr) << command;
    }
    EXPECT_EQ(find_page("cc-ci ps")->option("--deadline TIME"), nullptr);
}

TEST(PageTest, HasTheNameOfItsManPage) {
    EXPECT_EQ(man_page_name("cc-ci"), "cc-ci");
    EXPECT_EQ(man_page_name("cc-ci warm promote"), "cc-ci-warm-promote");
}

}  // namespace
}  // namespace ccci::help
