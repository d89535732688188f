#include "recipe/abra_sh.hpp"

#include <gtest/gtest.h>

namespace ccci::recipe {
namespace {

TEST(AbraShTest, ReadsPlainExports) {
    const Variables variables = parse_abra_exports(
        "#!/bin/bash\n"
        "export PAGE_VERSION=v3\n"
        "export QUOTED=\"a b\"\n"
        "export SINGLE='c d'\n"
        "export NOTED=v1 # bumped\n"
        "export DOS=v2\r\n");

    EXPECT_EQ(variables, (Variables{{"PAGE_VERSION", "v3"},
                                    {"QUOTED", "a b"},
                                    {"SINGLE", "c d"},
                                    {"NOTED", "v1"},
                                    {"DOS", "v2"}}));
}

TEST(AbraShTest, LeavesOutWhatNeedsAShell) {
    EXPECT_TRUE(parse_abra_exports("export A=$(id)\n"
                                   "export B=`id`\n"
                                   "export C=\"$HOME\"\n"
                                   "export D=a;id\n"
                                   "export E=a b\n"
                                   "export F\n"
                                   "export 1=a\n"
                                   "  export G=inside\n"
                                   "# export H=a\n"
                                   "I=a\n")
                    .empty());
}

}  // namespace
}  // namespace ccci::recipe
