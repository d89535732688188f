#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "event/loop.hpp"
#include "harness/output.hpp"
#include "harness/phase_file.hpp"
#include "run/record.hpp"
#include "run/run_dir.hpp"

namespace ccci::harness {

/// Keeps a run's record while it runs: its phases, and what it has used. Tells of each phase in the
/// journal.
class RecordKeeper {
public:
    /// `in_unit`, or a scope by the record's unit: the cgroup is the run's own.
    RecordKeeper(run::Record& record, run::RunDir dir, Output& output, bool in_unit);

    /// Writes the record; that it cannot be written is said once, and stops nothing: the teardown
    /// must run with a full disk, and whatever a job has made of its run directory.
    void keep();

    /// A phase of the harness's own, from what is written to the output next.
    void begin_phase(const std::string& name);
    /// No more phases. Not written yet.
    void end_phases();

    /// From here on the job may tell its phases; `on_word` is called when it may have told one.
    void listen_to_job(event::Loop& loop, std::function<void()> on_word);
    void stop_listening();
    /// Notes what the job has told since the last call, and has the output expect these tiers.
    /// `has_output`: the job has said something before. False: it has told nothing new.
    bool hear(bool has_output);

    /// How often the kernel's OOM killer was at work in the run's own cgroup.
    [[nodiscard]] bool was_out_of_memory() const;

private:
    void measure();

    run::Record& record_;
    run::RunDir dir_;
    Output& output_;
    std::optional<std::filesystem::path> cgroup_;
    std::optional<PhaseFile> file_;
    event::Source watch_;
    bool job_has_told_ = false;
    bool is_lost_ = false;
};

}  // namespace ccci::harness
