#include "health/journal_checks.hpp"

#include <fmt/format.h>

namespace ccci::health {

namespace {

constexpr std::uint64_t k_journal_room = std::uint64_t{512} << 20;

// The last of all files wins, whatever another one says.
constexpr const char* k_make_persistent =
    "mkdir -p /var/log/journal /etc/systemd/journald.conf.d && "
    "printf '[Journal]\\nStorage=persistent\\n' >/etc/systemd/journald.conf.d/zz-cc-ci.conf && "
    "systemctl restart systemd-journald && journalctl --flush";

}  // namespace

Checks judge_journal(const JournalFacts& facts) {
    const Subject journal{"journal", "it is where the output of runs is: cc-ci logs"};
    const Subject storage{"journal.storage",
                          "what a run printed before the host went down is what tells why it did"};
    const Subject space{"journal.space", "journald removes old entries when room is short"};
    if (!facts.booted || !facts.listens) {
        const Check first =
            facts.booted
                ? journal.failed("journald does not listen",
                                 command("systemctl restart systemd-journald.socket "
                                         "systemd-journald.service"))
                : journal.skipped("no systemd: runs write to output.log in their directory");
        return {first, storage.skipped("no journal"), space.skipped("no journal")};
    }
    if (facts.directory.empty()) {
        return {journal.ok("journald listens"),
                storage.skipped("no journal file is to be seen by this user"),
                space.skipped("no journal file is to be seen by this user")};
    }
    const std::string free = fmt::format("{} of {} free at {}", size_text(facts.free_bytes),
                                         size_text(facts.size), facts.directory);
    return {journal.ok("journald listens"),
            facts.persistent ? storage.ok(fmt::format("persistent: {}", facts.directory))
                             : storage.warning(fmt::format("volatile: {} is gone after a reboot",
                                                           facts.directory),
                                               command(k_make_persistent)),
            facts.free_bytes < k_journal_room / 8
                ? space.warning(free, command("journalctl --rotate --vacuum-size=64M"))
                : space.ok(free)};
}

}  // namespace ccci::health
