#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/unique_fd.hpp"
#include "event/loop.hpp"
#include "event/outlet.hpp"
#include "harness/journal_log.hpp"
#include "link/channel.hpp"
#include "systemd/journal_events.hpp"

namespace ccci::harness {

/// Where everything that a run says goes: over the link to the step, and into the journal (or,
/// where no unit carries the run, into a file of the run directory). Never blocks; when either is
/// slow, is_full() asks the producers to wait, so that nothing is lost and nothing piles up.
class Output {
public:
    /// Into the journal, `fields` being in each entry. `on_room`: producers may go on.
    Output(event::Loop& loop, const std::vector<std::string>& fields,
           std::function<void()> on_room);
    /// Into a file.
    Output(event::Loop& loop, base::UniqueFd file, std::function<void()> on_room);

    /// The link, once it is there; nullptr when the step is gone.
    void connect(link::Channel* channel) { channel_ = channel; }

    /// Bytes of the job or the teardown: link::Kind::out or err.
    void write(link::Kind kind, std::string_view bytes);
    /// Whoever wrote is gone: in the journal, what has no line end yet is a line.
    void end_lines();

    /// One message of ours.
    void say(systemd::Event event, const std::string& message);
    /// The same for the journal alone, with further fields.
    void note(systemd::Event event, const std::string& message,
              const std::vector<std::string>& more = {});

    /// Entries of the journal have this CC_CI_TIER from the line "== tier ==" on, if that is
    /// written before settle_tiers(), else from there on.
    void expect_tier(const std::string& tier);
    void settle_tiers();

    [[nodiscard]] bool is_full() const;
    /// After the last word: true once nothing waits any more, on either side, and the journal has
    /// taken all of it in. To be asked before each wait of the loop until then.
    [[nodiscard]] bool is_finished();
    /// Nothing waits here for the journal or the file.
    [[nodiscard]] bool is_logged() const;
    /// Bytes that wait, for telling progress from standstill.
    [[nodiscard]] std::size_t pending() const;
    /// How many entries of the journal it was so far; nullopt without one.
    [[nodiscard]] std::optional<std::uint64_t> entries() const;

private:
    std::optional<JournalLog> journal_;
    base::UniqueFd file_;
    std::optional<event::Outlet> outlet_;
    link::Channel* channel_ = nullptr;
};

/// Copies one pipe into the output until its end. The pipe stays unread while the output is full.
class Pump {
public:
    /// `before` is called when bytes have been read and are about to be passed on, `after` when
    /// they have been.
    Pump(event::Loop& loop, base::UniqueFd pipe, link::Kind kind, Output& output,
         std::function<void()> before, std::function<void()> after);

    /// To be called when the output has room again.
    void resume();
    /// Takes what is in the pipe now, however full the output is. For when every writer is gone.
    void drain();

    /// Remembers what is in the pipe now, and tells when that has been passed on.
    void mark();
    [[nodiscard]] bool is_past_mark() const { return until_mark_ == 0; }

private:
    /// False at the end of the pipe, or when it is empty for now.
    bool copy_once();

    base::UniqueFd pipe_;
    link::Kind kind_;
    Output& output_;
    std::function<void()> before_;
    std::function<void()> after_;
    std::size_t until_mark_ = 0;
    event::Source source_;
};

}  // namespace ccci::harness
