#include "backup/labels.hpp"

#include <gtest/gtest.h>

#include "backup/backup_error.hpp"
#include "base/text.hpp"

namespace ccci::backup {
namespace {

using Labels = std::map<std::string, std::string>;
using platform::ServiceFacts;

ServiceFacts service(std::string name, std::vector<std::string> volumes, Labels labels) {
    ServiceFacts facts;
    facts.name = std::move(name);
    facts.volumes = std::move(volumes);
    facts.labels = std::move(labels);
    return facts;
}

/// "data", "data/dump.sql data/up": what would be put away; or the complaint.
std::string read(const std::vector<ServiceFacts>& services) {
    std::vector<std::string> parts;
    try {
        for (const ServicePlan& plan : read_labels(services)) {
            for (const Part& part : plan.parts) {
                parts.push_back(
                    part.service + ":" +
                    (part.path.empty() ? part.volume : part.volume + "/" + part.path.native()));
            }
        }
    } catch (const BackupError& error) {
        return error.what();
    }
    return base::join(parts, " ");
}

struct Case {
    const char* name;
    std::vector<std::string> volumes;
    Labels labels;
    std::string want;
};

class BackupLabelsTest : public testing::TestWithParam<Case> {};

TEST_P(BackupLabelsTest, AreReadIntoAPlan) {
    EXPECT_EQ(read({service("db", GetParam().volumes, GetParam().labels)}), GetParam().want);
}

const std::string k_volumes = "backupbot.backup.volumes.";
const std::pair<const std::string, std::string> k_on{"backupbot.backup", "true"};
const std::string k_nothing = "db: label backupbot.backup: nothing would be backed up: ";
const std::string k_no_path =
    " is no path in the volume: want relative ones without .., separated by commas";

INSTANTIATE_TEST_SUITE_P(
    Table, BackupLabelsTest,
    testing::Values(
        Case{"NoLabels", {"data"}, {}, ""},
        Case{"SwitchedOff", {"data"}, {{"backupbot.backup", "false"}}, ""},
        Case{"UnsetVariable", {"data"}, {{"backupbot.backup", ""}}, ""},
        Case{"OffWhateverElseIsWrong",
             {"data"},
             {{"backupbot.backup", "false"}, {k_volumes + "x", "y"}},
             ""},
        Case{"EveryVolume", {"data", "up-loads"}, {k_on}, "db:data db:up-loads"},
        Case{"ExceptOne", {"data", "cache"}, {k_on, {k_volumes + "cache", "false"}}, "db:data"},
        Case{"OneIncludedByName", {"data"}, {k_on, {k_volumes + "data", "true"}}, "db:data"},
        Case{
            "OneFile", {"data"}, {k_on, {k_volumes + "data.path", "dump.sql"}}, "db:data/dump.sql"},
        Case{"SeveralPaths",
             {"data"},
             {k_on, {k_volumes + "data.path", " a/b/, ./c ,-x"}},
             "db:data/a/b db:data/c db:data/-x"},
        Case{
            "TheSamePathTwice", {"data"}, {k_on, {k_volumes + "data.path", "a,./a/"}}, "db:data/a"},
        Case{"DotIsTheWholeVolume", {"data"}, {k_on, {k_volumes + "data.path", "."}}, "db:data"},
        Case{"VolumeWithADot", {"a.path"}, {k_on, {k_volumes + "a.path.path", "x"}}, "db:a.path/x"},
        Case{"OtherLabelsAreNone", {"data"}, {k_on, {"backupbot.backup.volumesX", "x"}}, "db:data"},
        Case{"NotASwitch",
             {"data"},
             {{"backupbot.backup", "yes\n"}},
             "db: label backupbot.backup: want true or false, not 'yes\\x0a'"},
        Case{"NotASwitchOfAVolume",
             {"data"},
             {k_on, {k_volumes + "data", "no"}},
             "db: label backupbot.backup.volumes.data: want true or false, not 'no'"},
        Case{"UnknownVolume",
             {"data"},
             {k_on, {k_volumes + "dta", "false"}},
             "db: label backupbot.backup.volumes.dta: no service of the app mounts a volume of "
             "this name"},
        Case{"AbsolutePath",
             {"data"},
             {k_on, {k_volumes + "data.path", "/etc"}},
             "db: label backupbot.backup.volumes.data.path: '/etc'" + k_no_path},
        Case{"UpAndOut",
             {"data"},
             {k_on, {k_volumes + "data.path", "a/../../x"}},
             "db: label backupbot.backup.volumes.data.path: 'a/../../x'" + k_no_path},
        Case{"EmptyPath",
             {"data"},
             {k_on, {k_volumes + "data.path", "a,,b"}},
             "db: label backupbot.backup.volumes.data.path: ''" + k_no_path},
        Case{"NoVolume", {}, {k_on}, k_nothing + "the service mounts no volume of the app"},
        Case{
            "EveryVolumeExcluded",
            {"data"},
            {k_on, {k_volumes + "data", "false"}},
            k_nothing +
                "other labels exclude every volume; remove backupbot.backup.volumes.<volume>=false "
                "of the one with the data, or do not declare a backup"}),
    [](const auto& each) { return each.param.name; });

TEST(ReadLabelsTest, KeepsTheHooksOfEachService) {
    const auto plans = read_labels({service("db", {"data"},
                                            {k_on,
                                             {"backupbot.backup.pre-hook", "a"},
                                             {"backupbot.backup.post-hook", "b"},
                                             {"backupbot.restore.pre-hook", "c"},
                                             {"backupbot.restore.post-hook", "d"}}),
                                    service("web", {}, {})});

    ASSERT_EQ(plans.size(), 1U);
    EXPECT_EQ(plans[0].backup, (Hooks{"a", "b"}));
    EXPECT_EQ(plans[0].restore, (Hooks{"c", "d"}));
}

TEST(ReadLabelsTest, TakesAVolumeOfTwoServicesOnce) {
    EXPECT_EQ(read({service("a", {"data"}, {k_on}), service("b", {"data", "more"}, {k_on})}),
              "a:data b:more");
}

TEST(ReadLabelsTest, LetsAServiceNameAnothersVolume) {
    EXPECT_EQ(read({service("a", {"data"}, {k_on, {k_volumes + "cache", "false"}}),
                    service("b", {"cache"}, {})}),
              "a:data");
}

TEST(ReadLabelsTest, DescribesAPartOnOneLine) {
    EXPECT_EQ(describe({"db", "data", {}}), "volume data of db");
    EXPECT_EQ(describe({"db", "data", "a\nb"}), "a\\x0ab in volume data of db");
}

}  // namespace
}  // namespace ccci::backup
