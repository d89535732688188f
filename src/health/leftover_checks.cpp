#include "health/leftover_checks.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.hpp"

namespace ccci::health {

namespace {

constexpr std::size_t k_shown = 5;

/// "a, b and 3 more"
std::string list_of(const std::vector<std::string>& items) {
    const std::vector<std::string> shown{
        items.begin(),
        items.begin() + static_cast<std::ptrdiff_t>(std::min(items.size(), k_shown))};
    const std::string text = base::join(shown, ", ");
    return items.size() > k_shown ? fmt::format("{} and {} more", text, items.size() - k_shown)
                                  : text;
}

std::string words_of(const std::vector<std::string>& items) {
    std::string text;
    for (const std::string& item : items) {
        text += " " + shell_word(item);
    }
    return text;
}

Check judge_foreign(const std::vector<LockFileFacts>& files) {
    const Subject subject{"lock-files",
                          "a domain whose lock file is not ours to lock takes no run"};
    std::vector<std::string> problems;
    std::vector<std::string> paths;
    int held = 0;
    for (const LockFileFacts& file : files) {
        if (!file.problem.empty()) {
            problems.push_back(file.problem);
            paths.push_back(file.path);
        }
        held += file.state == LockFileFacts::State::held ? 1 : 0;
    }
    if (!problems.empty()) {
        return subject.failed(list_of(problems),
                              command(fmt::format("rm -rf --{}", words_of(paths))));
    }
    return subject.ok(fmt::format("{} held", held));
}

Check judge_stale(const std::vector<LockFileFacts>& files, bool has_platform) {
    const Subject subject{
        "lock-files.stale",
        "the run that left it did not finish, so something of its app may be left; "
        "the next run of the domain makes a clean slate"};
    std::vector<std::string> stale;
    std::vector<std::string> kept;
    for (const LockFileFacts& file : files) {
        if (!file.problem.empty() || file.state != LockFileFacts::State::free || !file.has_holder) {
            continue;
        }
        stale.push_back(fmt::format("{} (run {})", file.domain, file.run));
        if (!has_platform || file.own_teardown) {
            kept.push_back(file.path);
        }
    }
    if (stale.empty()) {
        return subject.ok("none");
    }
    if (kept.empty()) {
        return subject.warning(list_of(stale), command("cc-ci janitor"));
    }
    return subject.warning(
        fmt::format("{}; the teardown was the run's own, so see yourself what it left",
                    list_of(stale)),
        command(fmt::format("rm --{}", words_of(kept))));
}

}  // namespace

Checks judge_lock_files(const std::vector<LockFileFacts>& files, bool has_platform) {
    return {judge_foreign(files), judge_stale(files, has_platform)};
}

Check judge_runs(const std::vector<LostRun>& lost, std::size_t all) {
    const Subject subject{
        "runs",
        "a run that was lost has neither verdict nor end: its host, or all of its "
        "processes, died"};
    if (lost.empty()) {
        return subject.ok(fmt::format("{} recorded, none lost", all));
    }
    std::vector<std::string> names;
    std::vector<std::string> directories;
    for (const LostRun& run : lost) {
        names.push_back(fmt::format("{} ({})", run.id, run.state));
        directories.push_back(run.directory);
    }
    return subject.warning(fmt::format("lost: {}", list_of(names)),
                           command(fmt::format("rm -r --{}", words_of(directories))));
}

Check judge_reaping(const ReapingFacts& facts) {
    const Subject subject{
        "orphans", "an app that no run owns takes memory, ports and a name until it is reaped"};
    if (!facts.not_known.empty()) {
        return subject.skipped(facts.not_known);
    }
    if (!facts.orphans.empty()) {
        return subject.warning(fmt::format("a janitor would reap {}", list_of(facts.orphans)),
                               command("cc-ci janitor"));
    }
    if (!facts.overdue.empty()) {
        return subject.warning(list_of(facts.overdue),
                               advice("stop the unit that holds the lock: cc-ci ps, cc-ci cancel"));
    }
    if (!facts.problems.empty()) {
        return subject.warning(fmt::format("not all is known: {}", list_of(facts.problems)),
                               advice("cc-ci janitor --dry-run tells more"));
    }
    if (!facts.unseen.empty()) {
        return subject.skipped(
            fmt::format("not to be seen by this user: {}", list_of(facts.unseen)));
    }
    return subject.ok("none");
}

}  // namespace ccci::health
