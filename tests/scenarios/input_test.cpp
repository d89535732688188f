#include <sys/stat.h>

#include <algorithm>

#include "base/text.hpp"
#include "scenarios/run_scenario.hpp"

// What a step is given, and what it refuses.

namespace ccci::test {
namespace {

using namespace std::chrono_literals;

// Case 49.
TEST_F(RunTest, GivesARepeatedIdASuffix) {
    ProcessUnderTest first{run_argv({"--run-id", "70"}, "true")};
    ASSERT_EQ(first.exit_code(), 0);
    ProcessUnderTest second{run_argv({"--run-id", "70"}, "true")};
    ASSERT_EQ(second.exit_code(), 0);

    EXPECT_TRUE(record("70"));
    EXPECT_TRUE(record("70-2"));
}

TEST_F(RunTest, Case40KeepsSecretsOutOfWhatOthersCanRead) {
    ASSERT_EQ(::mkfifo((marks_ / "go").c_str(), 0600), 0);
    ProcessUnderTest step{domain_argv({"--run-id", "71"}, "echo job is here; cat $MARKS/go"),
                          {"TOKEN=hush-4711"}};
    ASSERT_TRUE(step.wait_for("job is here"));

    const base::Output lines = base::run_and_capture(
        {.argv = {"sh", "-c", "cat /proc/[0-9]*/cmdline 2>/dev/null | tr '\\0' ' '"}});
    EXPECT_EQ(lines.text.find("hush-4711"), std::string::npos);
    for (const auto& entry : std::filesystem::recursive_directory_iterator{dir_.path()}) {
        if (!entry.is_regular_file()) {
            continue;
        }
        const auto text = base::try_read_file(entry.path());
        if (text && text->find("hush-4711") != std::string::npos) {
            EXPECT_EQ(entry.status().permissions() & std::filesystem::perms(077),
                      std::filesystem::perms::none)
                << entry.path();
        }
    }
    std::ofstream{marks_ / "go"} << "";
    EXPECT_EQ(step.exit_code(), 0) << step.output();
    EXPECT_FALSE(std::filesystem::exists(runs_ / "71" / "request"))
        << "the environment outlives the run";
}

struct RefusalCase {
    std::vector<std::string> argv;
    const char* named;
};

TEST_F(RunTest, RefusesBadInputWithOneLineAndNothingDone) {
    const std::string config = dir_.path() / "config.json";
    std::ofstream{config} << R"({"lock_dri": "/run/lock"})";
    const std::vector<RefusalCase> table{
        {{"run", "--domain", "Nope_", "--", "true"}, "'Nope_'"},
        {{"run", "--domain", "a/b.c", "--", "true"}, "'a/b.c'"},
        {{"run", "--run-id", "a/b", "--", "true"}, "'a/b'"},
        {{"run", "--run-id", "..", "--", "true"}, "'..'"},
        {{"run", "--run-id", "a\nb", "--", "true"}, "'a\\x0ab'"},
        {{"run", "--deadline", "soon", "--", "true"}, "'soon'"},
        {{"run", "--deadline", "0s", "--", "true"}, "--deadline"},
        {{"run", "--memory-max", "many", "--", "true"}, "'many'"},
        {{"run", "--manager", "docker", "--", "true"}, "'docker'"},
        {{"run", "--no-such-option", "--", "true"}, "--no-such-option"},
        {{"run"}, "no command"},
        {{"run", "--"}, "no command"},
        {{"--config", config, "run", "--", "true"}, "unknown key 'lock_dri'"},
        {{"--config", "/no/such/file", "run", "--", "true"}, "/no/such/file"},
        {{"recipe"}, "no recipe"},
        {{"recipe", "--recipe", "../etc"}, "'../etc'"},
        {{"recipe", "--recipe", "immich", "--ref=--upload-pack=x"}, "'--upload-pack=x'"},
        {{"recipe", "--recipe", "immich", "--stages", "instal"}, "'instal'"},
        {{"recipe", "--recipe", "immich", "--src", "ext::sh -c touch"}, "'ext::sh -c touch'"},
        {{"recipe", "--recipe", "immich", "--pr", "1;2"}, "'1;2'"},
        {{"cancel", "no-such-run"}, "'no-such-run'"},
        {{"logs", "../../etc"}, "'../../etc'"},
    };
    for (const RefusalCase& refusal : table) {
        std::vector<std::string> argv{CCCI_PROGRAM};
        argv.insert(argv.end(), refusal.argv.begin(), refusal.argv.end());
        ProcessUnderTest step{argv};

        EXPECT_EQ(step.exit_code(), 2) << base::join(argv, " ") << "\n" << step.output();
        EXPECT_NE(step.output().find(refusal.named), std::string::npos)
            << base::join(argv, " ") << "\n"
            << step.output();
        EXPECT_EQ(std::count(step.output().begin(), step.output().end(), '\n'), 1) << step.output();
    }
    EXPECT_FALSE(std::filesystem::exists(runs_));
    EXPECT_TRUE(std::filesystem::is_empty(locks_));
}

// Case 8.
TEST_F(RunTest, SaysWhatToDoAboutAnUnusableLock) {
    const auto expect_refusal = [&](const std::string& reason) {
        ProcessUnderTest step{domain_argv({}, "touch $MARKS/ran")};
        EXPECT_EQ(step.exit_code(), 125) << step.output();
        EXPECT_NE(step.output().find(reason), std::string::npos) << step.output();
        EXPECT_FALSE(has_mark("ran"));
    };
    const auto file = locks::lock_path(locks_, k_domain);

    std::filesystem::create_symlink("/etc/passwd", file);
    expect_refusal("is a symbolic link: remove it");
    std::filesystem::remove(file);

    std::filesystem::create_directory(file);
    expect_refusal("remove it");
    std::filesystem::remove(file);

    std::ofstream{file} << "";
    std::filesystem::permissions(file, std::filesystem::perms(0644));
    expect_refusal("so others could hold it");
    std::filesystem::remove(file);

    std::filesystem::permissions(locks_, std::filesystem::perms(0777));
    expect_refusal("chmod +t");

    std::filesystem::remove(locks_);
    expect_refusal("does not exist: create it");
}

}  // namespace
}  // namespace ccci::test
