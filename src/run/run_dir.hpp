#pragma once

#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "run/record.hpp"
#include "run/request.hpp"

namespace ccci::run {

/// A cancel that one process leaves for another, in the run directory, before it stops the unit.
struct StopOrder {
    StopCause cause = StopCause::cancelled;
    std::string reason;
};

/// `<runs dir>/<run id>/`: everything that belongs to one run. Exists as long as the object's path
/// does; nothing is removed by destroying the object.
class RunDir {
public:
    /// Makes a new run directory (0755): `<runs>/<id>`, or `<id>-2`, `<id>-3`, ... if that is
    /// taken. The runs directory itself is made if only it is missing. Throws std::system_error;
    /// std::runtime_error where another user could replace what belongs to this run.
    static RunDir create(const std::filesystem::path& runs, const std::string& wanted_id);

    /// For one that exists: by whoever was told its path.
    static RunDir open(std::filesystem::path path);

    /// Every run directory of ours below `runs`, also damaged ones; none if `runs` does not exist.
    static std::vector<RunDir> all(const std::filesystem::path& runs);
    /// And those that is_visible() adds.
    static std::vector<RunDir> all_visible(const std::filesystem::path& runs);

    /// Whose run it is; nullopt: not a directory, or one that others can write to.
    [[nodiscard]] std::optional<uid_t> owner() const;

    /// A directory of ours or root's that nobody else can write to. Where anybody may make a
    /// directory, anybody can make one that looks like a run's, and would have us stop whatever
    /// unit or process its record names.
    [[nodiscard]] bool is_ours() const;

    /// What root may look at: also the runs of other users. Whoever acts on one of those first
    /// becomes its owner.
    [[nodiscard]] bool is_visible() const { return visible_owner().has_value(); }
    /// The owner of one that is visible.
    [[nodiscard]] std::optional<uid_t> visible_owner() const;

    [[nodiscard]] const std::filesystem::path& path() const { return path_; }
    [[nodiscard]] std::string id() const { return path_.filename().native(); }

    void write(const Record& record) const;
    /// The same for whoever has more important things to do than to keep a record: false when the
    /// disk is full, the directory is gone, or a job has put something else in its place.
    bool try_write(const Record& record) const noexcept;
    /// nullopt when there is none, or it cannot be understood.
    [[nodiscard]] std::optional<Record> read() const;
    /// The same in two steps, for whoever has to look at many of them.
    [[nodiscard]] std::optional<std::string> read_text() const;
    [[nodiscard]] static std::optional<Record> parse(const std::string& text);

    /// Readable for the owner only: it holds the environment, which may hold secrets.
    void write(const Request& request) const;
    /// nullopt when there is none. Throws what decode_request() throws, or std::system_error.
    [[nodiscard]] std::optional<Request> read_request() const;
    /// nullopt also when it cannot be read.
    [[nodiscard]] std::optional<Request> try_read_request() const;
    void remove_request() const;

    void order_stop(const StopOrder& order) const;
    [[nodiscard]] std::optional<StopOrder> read_stop_order() const;

    /// Where the output is kept when there is no journal.
    [[nodiscard]] std::filesystem::path output_log() const { return path_ / "output.log"; }
    /// A job may write one line here that belongs into the last line of the run.
    [[nodiscard]] std::filesystem::path note() const { return path_ / "note"; }
    /// And its teardown one about what it removed.
    [[nodiscard]] std::filesystem::path teardown_note() const { return path_ / "teardown-note"; }
    /// A job may write here what it is at, a word a line.
    [[nodiscard]] std::filesystem::path phase_file() const { return path_ / "phase"; }

private:
    explicit RunDir(std::filesystem::path path) : path_{std::move(path)} {}

    std::filesystem::path path_;
};

}  // namespace ccci::run
