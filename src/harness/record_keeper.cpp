#include "harness/record_keeper.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <utility>

#include "base/cgroup.hpp"
#include "harness/phases.hpp"
#include "run/usage.hpp"
#include "systemd/journal_events.hpp"

namespace ccci::harness {

using std::chrono::system_clock;

RecordKeeper::RecordKeeper(run::Record& record, run::RunDir dir, Output& output, bool in_unit)
    : record_{record}, dir_{std::move(dir)}, output_{output} {
    if (in_unit || !record.unit.empty()) {
        cgroup_ = base::cgroup_of(::getpid());
    }
}

void RecordKeeper::keep() {
    if (!dir_.try_write(record_) && !std::exchange(is_lost_, true)) {
        output_.say(systemd::Event::record_lost,
                    fmt::format("the record of the run cannot be written any more: {}",
                                dir_.path().native()));
    }
}

void RecordKeeper::measure() {
    record_.resources = cgroup_ ? run::usage_of(*cgroup_) : run::own_usage();
    record_.journal_lines = output_.entries();
}

void RecordKeeper::begin_phase(const std::string& name) {
    harness::begin_phase(record_, name, system_clock::now());
    output_.expect_tier(name);
    output_.settle_tiers();
    measure();
    keep();
}

void RecordKeeper::end_phases() {
    harness::end_phases(record_, system_clock::now());
    measure();
}

void RecordKeeper::listen_to_job(event::Loop& loop, std::function<void()> on_word) {
    file_.emplace(dir_.phase_file());
    if (file_->fd() >= 0) {
        watch_ = loop.on_io(file_->fd(), EPOLLIN,
                            [on_word = std::move(on_word)](std::uint32_t) { on_word(); });
    }
}

void RecordKeeper::stop_listening() {
    watch_.reset();
    file_->stop();
}

bool RecordKeeper::hear(bool has_output) {
    bool news = false;
    for (const std::string& word : file_ ? file_->take() : std::vector<std::string>{}) {
        const bool is_first = !std::exchange(job_has_told_, true) && !has_output;
        if (tell_phase(record_, word, is_first, system_clock::now())) {
            output_.expect_tier(word);
            news = true;
        }
    }
    if (news) {
        measure();
        keep();
    }
    return news;
}

bool RecordKeeper::was_out_of_memory() const {
    return cgroup_ && run::usage_of(*cgroup_).oom_kills.value_or(0) > 0;
}

}  // namespace ccci::harness
