#include "cli/lock_report.hpp"

#include <fmt/format.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <system_error>

#include "base/descendants.hpp"
#include "base/text.hpp"
#include "base/user.hpp"
#include "cli/find_run.hpp"
#include "launch/carried.hpp"
#include "locks/domain_lock.hpp"
#include "locks/lock_error.hpp"
#include "locks/lock_queue.hpp"
#include "run/run_dir.hpp"

namespace ccci::cli {

namespace {

namespace fs = std::filesystem;
using nlohmann::json;

std::vector<run::Record> live_runs(const fs::path& runs_dir) {
    std::vector<run::Record> runs;
    for (const run::RunDir& dir : run::RunDir::all_visible(runs_dir)) {
        const auto owner = dir.owner();
        auto record = inspect::read_visible(dir);
        if (owner && record && launch::is_carried(*owner, *record)) {
            record->user = base::user_name(*owner);
            runs.push_back(std::move(*record));
        }
    }
    std::sort(runs.begin(), runs.end(), run::came_before);
    return runs;
}

bool waits_for(const run::Record& run, const std::string& domain) {
    return run.state == run::State::waiting && run.domain == domain;
}

/// The run whose step or harness that is, or the nearest above it.
const run::Record* run_of(pid_t pid, const std::vector<run::Record>& runs) {
    constexpr int k_most = 100;  // generations; the parents are read one by one, and may change
    for (int n = 0; n < k_most && pid > 1; ++n) {
        for (const run::Record& run : runs) {
            if ((run.step && run.step->pid == pid && run.step->is_alive()) ||
                (run.harness && run.harness->pid == pid && run.harness->is_alive())) {
                return &run;
            }
        }
        const auto facts = base::process_facts(pid);
        pid = facts ? facts->parent : 0;
    }
    return nullptr;
}

std::optional<run::Time> start_of(pid_t pid) {
    const auto facts = base::process_facts(pid);
    struct timespec since_boot {};
    if (!facts || ::clock_gettime(CLOCK_BOOTTIME, &since_boot) != 0) {
        return std::nullopt;
    }
    const double age =
        static_cast<double>(since_boot.tv_sec) -
        static_cast<double>(facts->start_ticks) / static_cast<double>(::sysconf(_SC_CLK_TCK));
    return std::chrono::system_clock::now() -
           std::chrono::milliseconds{static_cast<std::int64_t>(std::max(0.0, age) * 1000)};
}

LockWaiter waiter_from(const run::Record& run) {
    return {.pid = 0, .run = run.run, .user = run.user, .what = run.job, .since = run.created};
}

LockWaiter waiter_from(pid_t pid, const run::Record* run, const std::string& domain) {
    if (run != nullptr && waits_for(*run, domain)) {
        LockWaiter waiter = waiter_from(*run);
        waiter.pid = pid;
        return waiter;
    }
    // A job that waits for a further domain, or no run at all.
    return {.pid = pid,
            .run = run != nullptr ? run->run : "",
            .user = run != nullptr ? run->user : "",
            .what = run != nullptr ? run->job : base::command_line(pid),
            .since = start_of(pid)};
}

/// All that is known of the host in one moment.
struct Scene {
    fs::path directory;
    std::vector<run::Record> runs;
    std::vector<locks::LockQueue> table;
};

/// Whether they wait for an earlier file of this domain, which was unlinked: for who holds it waits
/// at the live path, before them (locks/waiting.hpp).
bool is_earlier_queue(const locks::LockQueue& queue, const LockRow& row, const Scene& scene) {
    return std::any_of(queue.waiters.begin(), queue.waiters.end(), [&](pid_t pid) {
        if (const auto name = locks::name_of_open_file(pid, queue.file, scene.directory)) {
            return locks::domain_of(*name) == row.domain;
        }
        const run::Record* run = run_of(pid, scene.runs);
        return run != nullptr && waits_for(*run, row.domain);
    });
}

void add_queue(LockRow& row, const locks::LockQueue& queue, const Scene& scene) {
    for (const pid_t pid : queue.waiters) {
        row.waiters.push_back(waiter_from(pid, run_of(pid, scene.runs), row.domain));
    }
}

void add_waiters(LockRow& row, const std::string& file, const Scene& scene) {
    for (const locks::LockQueue& queue : scene.table) {
        if (queue.file == file) {
            add_queue(row, queue, scene);
        }
    }
    for (const locks::LockQueue& queue : scene.table) {
        if (queue.file != file && is_earlier_queue(queue, row, scene)) {
            add_queue(row, queue, scene);
        }
    }
    for (const run::Record& run : scene.runs) {
        const bool known = std::any_of(row.waiters.begin(), row.waiters.end(),
                                       [&](const LockWaiter& one) { return one.run == run.run; });
        if (!known && waits_for(run, row.domain)) {
            row.kernel_order = false;
            row.waiters.push_back(waiter_from(run));
        }
    }
}

/// Who has the lock, by the records: for where the file is not for us to read.
std::optional<locks::Holder> holder_by_record(const LockRow& row, const Scene& scene) {
    for (const run::Record& run : scene.runs) {
        if (run.domain == row.domain && run.state != run::State::waiting && run.started) {
            return locks::Holder{.run = run.run,
                                 .unit = run.unit,
                                 .invocation = run.invocation,
                                 .user = run.user,
                                 .since = *run.started,
                                 .until = run::latest_end(run)};
        }
    }
    return std::nullopt;
}

/// Returns the file's name in the kernel's table.
std::string look_at_file(LockRow& row, const fs::path& path) {
    const auto fd = locks::open_lock_file(path);
    struct stat info {};
    if (!fd || ::fstat(fd->get(), &info) != 0) {
        row.view = locks::LockView::free;  // unlinked since
        return "";
    }
    locks::LockSight sight = locks::look_at_lock(fd->get());
    row.view = sight.view;
    row.holder = locks::read_holder(fd->get());
    row.leftover = row.view == locks::LockView::free && locks::has_content(fd->get());
    if (row.view == locks::LockView::unknown) {
        row.reason = "a process of this user may not be looked into";
    }
    return sight.file.empty() ? locks::file_in_table(info) : sight.file;
}

LockRow read_lock(const std::string& domain, const fs::path& path, const Scene& scene) {
    LockRow row;
    row.domain = domain;
    std::string file;
    try {
        file = look_at_file(row, path);
    } catch (const locks::LockError& error) {
        row.reason = error.what();
        struct stat info {};
        file = ::lstat(path.c_str(), &info) == 0 ? locks::file_in_table(info) : "";
    }
    if (row.view == locks::LockView::unknown &&
        std::any_of(scene.table.begin(), scene.table.end(),
                    [&](const locks::LockQueue& queue) { return queue.file == file; })) {
        row.view = locks::LockView::held;
        row.reason.clear();
    }
    add_waiters(row, file, scene);
    if (row.view != locks::LockView::free && !row.holder) {
        row.holder = holder_by_record(row, scene);
    }
    return row;
}

json seconds_since(run::Time time) {
    const auto age = std::chrono::system_clock::now() - time;
    return std::max(0.0, std::chrono::duration<double>(age).count());
}

json to_json(const locks::Holder& holder) {
    json out{{"run", holder.run},
             {"unit", holder.unit},
             {"user", holder.user},
             {"since", base::format_time(holder.since)},
             {"seconds", seconds_since(holder.since)}};
    if (holder.until) {
        out["until"] = base::format_time(*holder.until);
    }
    return out;
}

json to_json(const LockWaiter& waiter) {
    json out{{"what", waiter.what}};
    if (waiter.pid != 0) {
        out["pid"] = waiter.pid;
    }
    if (!waiter.run.empty()) {
        out["run"] = waiter.run;
        out["user"] = waiter.user;
    }
    if (waiter.since) {
        out["since"] = base::format_time(*waiter.since);
        out["seconds"] = seconds_since(*waiter.since);
    }
    return out;
}

}  // namespace

std::vector<LockRow> read_locks(const run::Config& config) {
    Scene scene{.directory = fs::weakly_canonical(config.lock_dir),
                .runs = live_runs(config.runs_dir),
                .table = locks::read_lock_table()};
    std::vector<fs::path> paths;
    for (const fs::directory_entry& entry : fs::directory_iterator{config.lock_dir}) {
        paths.push_back(entry.path());
    }
    std::sort(paths.begin(), paths.end());
    std::vector<LockRow> rows;
    for (const fs::path& path : paths) {
        if (const auto domain = locks::domain_of(path)) {
            rows.push_back(read_lock(*domain, path, scene));
        }
    }
    return rows;
}

std::string to_string(locks::LockView view) {
    switch (view) {
        case locks::LockView::held:
            return "held";
        case locks::LockView::free:
            return "free";
        case locks::LockView::unknown:
            break;
    }
    return "unknown";
}

void to_json(json& out, const LockRow& row) {
    out = {{"domain", row.domain},
           {"state", to_string(row.view)},
           {"leftover", row.leftover},
           {"waiters", json::array()},
           {"kernel_order", row.kernel_order}};
    if (!row.reason.empty()) {
        out["reason"] = row.reason;
    }
    if (row.holder) {
        out["holder"] = to_json(*row.holder);
    }
    for (const LockWaiter& waiter : row.waiters) {
        out["waiters"].push_back(to_json(waiter));
    }
}

}  // namespace ccci::cli
