#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/unique_fd.hpp"
#include "event/loop.hpp"
#include "link/channel.hpp"
#include "run/record.hpp"
#include "systemd/journal_events.hpp"
#include "systemd/journal_writer.hpp"

namespace ccci::harness {

/// CC_CI_RUN and CC_CI_DOMAIN.
std::vector<std::string> run_fields(const run::Record& record);

/// A JournalWriter on the event loop: what the journal does not take at once follows when it has
/// room.
class JournalLog {
public:
    /// `on_room` is called each time that the backlog falls below half of what makes it full.
    JournalLog(event::Loop& loop, const std::vector<std::string>& fields,
               std::function<void()> on_room);

    void write(link::Kind kind, std::string_view bytes);
    void end_lines();
    void say(systemd::Event event, const std::string& message,
             const std::vector<std::string>& more = {});
    void expect_tier(const std::string& tier);
    void settle_tiers();

    [[nodiscard]] bool is_full() const { return writer_.pending() > k_limit; }
    [[nodiscard]] std::size_t pending() const { return writer_.pending(); }
    [[nodiscard]] std::uint64_t entries() const { return writer_.entries(); }

    /// After the last word: true once the journal has taken all of it in. To be asked before each
    /// wait of the loop until then.
    ///
    /// The journal learns who wrote an entry when it gets to it, and a writer that is gone by then
    /// is nobody (systemd issue 2913). The kernel knows what it has read of us, and a stream that
    /// it has closed since then shows that it is done with that.
    [[nodiscard]] bool is_finished();

private:
    /// A job's burst is the step's at once, while the journal takes its time.
    static constexpr std::size_t k_limit = std::size_t{4} << 20;

    void send();

    event::Loop& loop_;
    std::function<void()> on_room_;
    systemd::JournalWriter writer_;
    event::Source room_;
    std::optional<base::UniqueFd> barrier_;
    event::Source barrier_end_;
    bool read_before_ = false;  ///< the journal had read everything when the barrier was opened
    bool finished_ = false;
};

}  // namespace ccci::harness
