#include <sys/socket.h>
#include <sys/statvfs.h>
#include <sys/un.h>

#include <filesystem>
#include <string>

#include "base/files.hpp"
#include "base/text.hpp"
#include "doctor/patient.hpp"
#include "health/journal_checks.hpp"
#include "systemd/manager.hpp"

namespace ccci::doctor {

namespace {

namespace fs = std::filesystem;

bool journal_listens() {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const std::string path = "/run/systemd/journal/stdout";
    path.copy(address.sun_path, path.size());
    const base::UniqueFd socket{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    return ::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) ==
           0;
}

}  // namespace

health::Checks look_at_journal() {
    health::JournalFacts facts;
    facts.booted = systemd::is_available(systemd::Which::system);
    facts.listens = facts.booted && journal_listens();
    const std::string machine{base::trim(base::try_read_file("/etc/machine-id").value_or(""))};
    for (const char* root : {"/var/log/journal", "/run/log/journal"}) {
        // Once it writes to disk it has no file in /run any more.
        const fs::path directory = fs::path{root} / machine;
        std::error_code error;
        if (facts.directory.empty() && !machine.empty() &&
            fs::exists(directory / "system.journal", error)) {
            facts.directory = directory.native();
            facts.persistent = std::string_view{root}.starts_with("/var");
        }
    }
    struct statvfs space {};
    if (!facts.directory.empty() && ::statvfs(facts.directory.c_str(), &space) == 0) {
        facts.size = static_cast<std::uint64_t>(space.f_blocks) * space.f_frsize;
        facts.free_bytes = static_cast<std::uint64_t>(space.f_bavail) * space.f_frsize;
    }
    return judge_journal(facts);
}

}  // namespace ccci::doctor
