#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "base/unique_fd.hpp"
#include "event/loop.hpp"
#include "inspect/run_list.hpp"
#include "systemd/manager.hpp"

namespace ccci::inspect {

/// Tells when what list_runs() says may have changed: directories that come and go, records of
/// live runs (inotify), the death of their processes (pidfd), the end of their units (the bus).
class ListWatch {
public:
    /// `on_change` is called from the loop, once for all that happened meanwhile.
    ListWatch(event::Loop& loop, std::filesystem::path runs_dir, std::function<void()> on_change);

    /// Lists, and from now on watches what was listed: a change after the list is told.
    RunList list(const Wanted& wanted);

private:
    struct Process {
        base::UniqueFd pidfd;
        event::Source source;
    };
    using ProcessKey = std::pair<pid_t, std::uint64_t>;

    // False: something is watched only from now on.
    bool watch(const std::filesystem::path& directory, std::uint32_t events);
    void watch_runs_dir();
    bool watch_records(const RunList& list);
    bool watch_processes(const RunList& list);
    bool watch_units(const RunList& list);
    void drain();
    void tell();
    void tell_later();

    event::Loop& loop_;
    std::filesystem::path runs_dir_;
    std::function<void()> on_change_;
    base::UniqueFd inotify_;
    event::Source changes_;
    event::Source pause_;
    event::Source later_;
    std::map<std::filesystem::path, int> watched_;
    std::map<ProcessKey, Process> processes_;
    std::optional<systemd::Manager> manager_;
    bool manager_lost_ = false;
    bool told_ = false;
};

}  // namespace ccci::inspect
