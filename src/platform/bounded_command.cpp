#include "platform/bounded_command.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <memory>
#include <stdexcept>
#include <variant>

#include "base/files.hpp"
#include "base/os_error.hpp"
#include "platform/terminal.hpp"

namespace ccci::platform {

namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;
using Sink = std::function<void(std::string_view)>;

constexpr int k_most_reads = 64;  // a megabyte

base::Child start(base::Command command, int output) {
    command.out = output;
    if (command.err < 0) {
        command.err = output;
    }
    if (command.controlling_terminal) {
        command.in = output;
        command.new_session = true;  // which makes a process group, too
    }
    command.new_process_group = true;
    command.death_signal = SIGKILL;
    std::variant<base::Child, base::CannotExecute> started = base::spawn(command);
    if (const auto* failure = std::get_if<base::CannotExecute>(&started)) {
        throw std::runtime_error{failure->reason};
    }
    return std::move(std::get<base::Child>(started));
}

/// A command that was started. Destruction kills its process group unless it has ended.
class Running {
public:
    Running(const base::Command& command, std::pair<base::UniqueFd, base::UniqueFd> channel)
        : output_{std::move(channel.first)}, child_{start(command, channel.second.get())} {
        (void)::fcntl(output_.get(), F_SETFL, O_NONBLOCK);
    }
    Running(const Running&) = delete;
    Running& operator=(const Running&) = delete;
    ~Running() {
        if (!status_) {
            (void)::kill(-child_.pid(), SIGKILL);
            try {
                (void)child_.wait();
            } catch (const std::exception&) {
                // It is our child and nobody else waits for it: this does not happen.
            }
        }
    }

    [[nodiscard]] pollfd end_event() const { return {status_ ? -1 : child_.pidfd(), POLLIN, 0}; }
    [[nodiscard]] pollfd output_event() const { return {output_.get(), POLLIN, 0}; }
    [[nodiscard]] const std::optional<base::ExitStatus>& status() const { return status_; }

    /// Hands on what one read gives: a command that never stops writing must not keep us from
    /// looking at the time. False when there is nothing now.
    bool pass_on(const Sink& sink) {
        std::array<char, 16384> buffer;
        const ssize_t n = ::read(output_.get(), buffer.data(), buffer.size());
        if (n > 0) {
            sink({buffer.data(), static_cast<std::size_t>(n)});
            return true;
        }
        if (n == 0 || errno == EIO) {  // a terminal that nobody has open any more
            output_.reset();           // poll(2) skips a negative descriptor
        } else if (errno != EAGAIN && errno != EINTR) {
            base::throw_errno(errno, "read output of a command");
        }
        return false;
    }

    void finish(const Sink& sink) {
        // All that it wrote itself is in the pipe by now. A child of it may go on writing, so the
        // rest is bounded by what a pipe can hold (pipe(7)).
        for (int reads = 0; output_ && reads < k_most_reads && pass_on(sink); ++reads) {
        }
        output_.reset();
        status_ = child_.wait();
    }

private:
    base::UniqueFd output_;
    base::Child child_;
    std::optional<base::ExitStatus> status_;
};

/// False at `until`.
bool poll_until(std::vector<pollfd>& events, steady_clock::time_point until) {
    const auto left = std::chrono::ceil<milliseconds>(until - steady_clock::now());
    if (left.count() <= 0) {
        return false;
    }
    const int timeout = static_cast<int>(std::min(left, milliseconds{60'000}).count());
    if (::poll(events.data(), events.size(), timeout) < 0) {
        if (errno != EINTR) {
            base::throw_errno(errno, "poll");
        }
        std::ranges::for_each(events, [](pollfd& event) { event.revents = 0; });
    }
    return true;
}

}  // namespace

std::optional<base::ExitStatus> run_bounded(base::Command command, steady_clock::time_point until,
                                            const Sink& on_output) {
    return run_all_bounded(
               {std::move(command)}, until,
               {.on_output = [&](std::size_t, std::string_view output) { on_output(output); }})
        .front();
}

std::optional<base::ExitStatus> run_on_terminal(base::Command command,
                                                steady_clock::time_point until,
                                                const Sink& on_output) {
    command.controlling_terminal = true;
    return run_bounded(std::move(command), until, on_output);
}

std::vector<std::optional<base::ExitStatus>> run_all_bounded(
    const std::vector<base::Command>& commands, steady_clock::time_point until,
    const Listener& listener, std::size_t at_once) {
    std::vector<std::unique_ptr<Running>> started;
    std::size_t working = 0;
    std::vector<pollfd> events;
    const auto refresh = [&] {
        while (started.size() < commands.size() && working < at_once) {
            const base::Command& next = commands[started.size()];
            started.push_back(std::make_unique<Running>(
                next, next.controlling_terminal ? make_terminal() : base::make_pipe()));
            ++working;
        }
        events.clear();
        for (const auto& running : started) {
            events.push_back(running->end_event());
            events.push_back(running->output_event());
        }
        return working > 0;
    };
    while (refresh() && poll_until(events, until)) {
        for (std::size_t at = 0; at < started.size(); ++at) {
            const auto sink = [&](std::string_view output) { listener.on_output(at, output); };
            if (events[2 * at].revents != 0) {
                started[at]->finish(sink);
                --working;
                listener.on_end(at);
            } else if (events[2 * at + 1].revents != 0) {
                (void)started[at]->pass_on(sink);
            }
        }
    }
    std::vector<std::optional<base::ExitStatus>> result(commands.size());
    for (std::size_t at = 0; at < started.size(); ++at) {
        result[at] = started[at]->status();
    }
    return result;
}

void pass_to_stdout(std::string_view output) {
    try {
        base::write_all(STDOUT_FILENO, output, "standard output");
    } catch (const std::system_error&) {
        // Nobody reads any more. What is being done here matters more than that it is seen.
    }
}

}  // namespace ccci::platform
