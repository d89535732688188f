#include <filesystem>

#include "base/files.hpp"
#include "base/text.hpp"
#include "doctor/patient.hpp"
#include "health/leftover_checks.hpp"
#include "launch/carried.hpp"
#include "locks/domain_lock.hpp"
#include "locks/lock_error.hpp"
#include "locks/lock_view.hpp"
#include "run/run_dir.hpp"

namespace ccci::doctor {

namespace {

namespace fs = std::filesystem;

/// Looks, and does not lock: that would turn away a run that does not want to wait.
health::LockFileFacts look_at_lock_file(const fs::path& path, const std::string& domain) {
    health::LockFileFacts facts{.path = path.native(), .domain = domain};
    try {
        const auto fd = locks::open_lock_file(path);
        if (!fd) {
            facts.state = health::LockFileFacts::State::held;  // removed by its holder just now
            return facts;
        }
        switch (locks::view_lock(fd->get())) {
            case locks::LockView::held:
                facts.state = health::LockFileFacts::State::held;
                break;
            case locks::LockView::free:
                facts.state = health::LockFileFacts::State::free;
                break;
            case locks::LockView::unknown:
                break;
        }
        const auto holder = locks::read_holder(fd->get());
        facts.has_holder = locks::has_content(fd->get());
        facts.run = holder ? holder->run : "unknown";
        facts.own_teardown = holder && holder->own_teardown;
        // Removed meanwhile: by whoever held it.
        if (!locks::is_at_path(fd->get(), path)) {
            facts.state = health::LockFileFacts::State::held;
        }
    } catch (const std::exception& error) {
        facts.problem = error.what();
    }
    return facts;
}

}  // namespace

health::Checks look_at_lock_files(const Patient& patient) {
    std::vector<health::LockFileFacts> files;
    std::error_code error;
    for (const fs::directory_entry& entry :
         fs::directory_iterator{patient.config.lock_dir, error}) {
        if (const auto domain = locks::domain_of(entry.path())) {
            files.push_back(look_at_lock_file(entry.path(), *domain));
        }
    }
    return judge_lock_files(files, patient.config.platform != run::PlatformKind::none);
}

health::Checks look_at_runs(const Patient& patient) {
    std::vector<health::LostRun> lost;
    std::size_t all = 0;
    for (const run::RunDir& dir : run::RunDir::all_visible(patient.config.runs_dir)) {
        const auto record = dir.is_visible() ? dir.read() : std::nullopt;
        if (!record || record->run != dir.id()) {
            continue;
        }
        ++all;
        if (record->state == run::State::ended ||
            launch::is_carried(dir.owner().value_or(0), *record)) {
            continue;
        }
        // Its last word may have come since.
        const auto again = dir.read();
        if (again && again->state != run::State::ended) {
            lost.push_back({dir.id(), dir.path().native(), run::to_string(again->state)});
        }
    }
    return {judge_runs(lost, all)};
}

}  // namespace ccci::doctor
