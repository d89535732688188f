#include "inspect/list_watch.hpp"

#include <sys/inotify.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <set>
#include <string_view>

#include "base/os_error.hpp"
#include "launch/stop_run.hpp"

namespace ccci::inspect {

namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

/// A run that changes its phase all the time is not looked at more often than a person can.
constexpr auto k_pause = 100ms;

// A record is replaced by a rename.
constexpr std::uint32_t k_in_run = IN_MOVED_TO | IN_ONLYDIR;
constexpr std::uint32_t k_in_runs = IN_CREATE | IN_DELETE | IN_MOVED_TO | IN_MOVED_FROM |
                                    IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR;

/// Only the bus knows when such a run is over: its ExecStopPost is at work.
bool is_carried_by_unit(const ListedRun& run) {
    return run.carried && !launch::is_carried_by_processes(run.record);
}

}  // namespace

ListWatch::ListWatch(event::Loop& loop, fs::path runs_dir, std::function<void()> on_change)
    : loop_{loop},
      runs_dir_{std::move(runs_dir)},
      on_change_{std::move(on_change)},
      inotify_{::inotify_init1(IN_CLOEXEC | IN_NONBLOCK)} {
    if (!inotify_) {
        base::throw_errno(errno, "watch {}", runs_dir_.native());
    }
    changes_ = loop_.on_io(inotify_.get(), EPOLLIN, [this](std::uint32_t) { drain(); });
}

RunList ListWatch::list(const Wanted& wanted) {
    if (std::exchange(manager_lost_, false)) {
        manager_.reset();
    }
    for (;;) {
        watch_runs_dir();
        RunList list = list_runs(runs_dir_, wanted);
        // What was listed before it was watched may have changed in between.
        const bool records = watch_records(list);
        const bool processes = watch_processes(list);
        const bool units = watch_units(list);
        if (records && processes && units) {
            return list;
        }
    }
}

bool ListWatch::watch(const fs::path& directory, std::uint32_t events) {
    if (watched_.contains(directory)) {
        return true;
    }
    const int id = ::inotify_add_watch(inotify_.get(), directory.c_str(), events);
    if (id >= 0) {
        watched_[directory] = id;
    } else if (errno != ENOENT && errno != ENOTDIR) {
        base::throw_errno(errno, "watch {}", directory.native());
    }
    return false;
}

void ListWatch::watch_runs_dir() {
    std::error_code missing;
    if (fs::is_directory(runs_dir_, missing)) {
        (void)watch(runs_dir_, k_in_runs);
    } else if (!watch(runs_dir_.parent_path(), k_in_runs) &&
               !watched_.contains(runs_dir_.parent_path())) {
        base::throw_errno(ENOENT, "watch {}", runs_dir_.native());
    }
}

bool ListWatch::watch_records(const RunList& list) {
    std::set<fs::path> wanted{list.without_record.begin(), list.without_record.end()};
    for (const ListedRun& run : list.unended) {
        wanted.insert(run.dir.path());
    }
    bool known = true;
    for (const fs::path& directory : wanted) {
        // One that is gone by now is told by its parent.
        known = watch(directory, k_in_run) && known;
    }
    std::erase_if(watched_, [&](const auto& entry) {
        const bool is_run = entry.first.parent_path() == runs_dir_;
        const bool obsolete = is_run && !wanted.contains(entry.first);
        if (obsolete) {
            (void)::inotify_rm_watch(inotify_.get(), entry.second);
        }
        return obsolete;
    });
    return known;
}

bool ListWatch::watch_processes(const RunList& list) {
    std::map<ProcessKey, Process> wanted;
    bool known = true;
    for (const ListedRun& run : list.unended) {
        for (const auto& process : {run.record.step, run.record.harness}) {
            if (!process || !process->is_alive()) {
                continue;
            }
            const ProcessKey key{process->pid, process->start_ticks};
            if (auto found = processes_.extract(key)) {
                wanted.insert(std::move(found));
                continue;
            }
            known = false;
            Process& added = wanted[key];
            added.pidfd.reset(static_cast<int>(::syscall(SYS_pidfd_open, process->pid, 0)));
            if (!added.pidfd) {
                continue;  // gone by now: the next list has it
            }
            added.source = loop_.on_io(added.pidfd.get(), EPOLLIN, [this, key](std::uint32_t) {
                // Readable from now on for ever.
                processes_.at(key).source.enable(false);
                tell();
            });
        }
    }
    processes_ = std::move(wanted);
    return known;
}

bool ListWatch::watch_units(const RunList& list) {
    const bool wanted = std::any_of(list.unended.begin(), list.unended.end(), is_carried_by_unit);
    if (!wanted || manager_) {
        return true;
    }
    try {
        const bool is_system =
            std::any_of(list.unended.begin(), list.unended.end(), [](const ListedRun& run) {
                return is_carried_by_unit(run) && run.record.manager == "system";
            });
        manager_ =
            systemd::Manager::connect(is_system ? systemd::Which::system : systemd::Which::user);
        manager_->attach(
            loop_, [](const std::string&, const std::string&, const std::string&) {},
            [this] {
                manager_lost_ = true;
                tell_later();
            });
        manager_->follow_units([this](const std::string& unit) {
            if (unit.starts_with("cc-ci-run-")) {
                tell_later();
            }
        });
        return false;
    } catch (const systemd::ManagerError&) {
        manager_.reset();  // nobody is there to tell
        return true;
    }
}

void ListWatch::drain() {
    alignas(inotify_event) std::array<char, 65536> buffer;
    bool relevant = false;
    for (;;) {
        const ssize_t size = ::read(inotify_.get(), buffer.data(), buffer.size());
        if (size <= 0) {
            break;
        }
        for (ssize_t at = 0; at < size;) {
            inotify_event event{};
            std::memcpy(&event, buffer.data() + at, sizeof event);
            const std::string_view name =
                event.len > 0 ? std::string_view{buffer.data() + at + sizeof event} : "";
            at += static_cast<ssize_t>(sizeof event + event.len);
            if ((event.mask & IN_IGNORED) != 0) {
                std::erase_if(watched_,
                              [id = event.wd](const auto& entry) { return entry.second == id; });
                continue;
            }
            const auto of = watched_.find(runs_dir_);
            const bool in_a_run =
                (event.mask & IN_MOVED_TO) != 0 && (of == watched_.end() || of->second != event.wd);
            relevant = relevant || !in_a_run || name == "run.json" ||
                       name == runs_dir_.filename().native();
        }
    }
    if (relevant) {
        tell();
    }
}

void ListWatch::tell_later() {
    // Not from within the connection, which the next list may close.
    later_ = loop_.after(0s, [this] { tell(); });
}

void ListWatch::tell() {
    if (pause_) {
        told_ = true;
        return;
    }
    pause_ = loop_.after(k_pause, [this] {
        pause_.reset();
        if (std::exchange(told_, false)) {
            tell();
        }
    });
    on_change_();
}

}  // namespace ccci::inspect
