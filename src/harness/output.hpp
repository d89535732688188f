#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/unique_fd.hpp"
#include "event/loop.hpp"
#include "event/outlet.hpp"
#include "link/channel.hpp"

namespace ccci::harness {

/// Where everything that a run says goes: over the link to the step, and into the journal (or,
/// where no unit carries the run, into a file of the run directory). Never blocks; when either is
/// slow, is_full() asks the producers to wait, so that nothing is lost and nothing piles up.
class Output {
public:
    /// `log` is the journal stream or the file; both ends are optional. `on_room`: producers may go
    /// on.
    Output(event::Loop& loop, base::UniqueFd log, bool is_journal, std::function<void()> on_room);

    /// The link, once it is there; nullptr when the step is gone.
    void connect(link::Channel* channel) { channel_ = channel; }

    /// Bytes of the job or the teardown: link::Kind::out or err.
    void write(link::Kind kind, std::string_view bytes);

    /// One message of ours. `event` goes into the journal as CC_CI_EVENT.
    void say(const std::string& event, const std::string& message, int priority = 6);

    [[nodiscard]] bool is_full() const;
    /// After the last word: true once nothing waits any more, on either side, and the journal has
    /// taken all of it in. To be asked before each wait of the loop until then.
    [[nodiscard]] bool is_finished();
    /// Bytes that wait, for telling progress from standstill.
    [[nodiscard]] std::size_t pending() const;

private:
    void leave_journal();

    event::Loop& loop_;
    base::UniqueFd log_;
    bool is_journal_;
    bool leaving_journal_ = false;
    std::optional<base::UniqueFd> journal_barrier_;
    event::Source journal_end_;
    std::optional<event::Outlet> outlet_;
    link::Channel* channel_ = nullptr;
};

/// Copies one pipe into the output until its end. The pipe stays unread while the output is full.
class Pump {
public:
    Pump(event::Loop& loop, base::UniqueFd pipe, link::Kind kind, Output& output);

    /// To be called when the output has room again.
    void resume();
    /// Takes what is in the pipe now, however full the output is. For when every writer is gone.
    void drain();

private:
    /// False at the end of the pipe, or when it is empty for now.
    bool copy_once();

    base::UniqueFd pipe_;
    link::Kind kind_;
    Output& output_;
    event::Source source_;
};

}  // namespace ccci::harness
