#include "cli/follow_journal.hpp"

#include <fmt/format.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <stdexcept>
#include <string_view>
#include <system_error>
#include <variant>

#include "base/files.hpp"
#include "base/os_error.hpp"
#include "base/process.hpp"
#include "event/loop.hpp"
#include "inspect/run_watch.hpp"

namespace ccci::cli {

namespace {

/// The reader of our output went away.
struct NobodyReads {};

void show(std::string_view text) {
    try {
        base::write_all(STDOUT_FILENO, text, "output");
    } catch (const std::system_error& error) {
        if (error.code() == std::errc::broken_pipe) {
            throw NobodyReads{};
        }
        throw;
    }
}

/// Empty at the end.
std::string_view read_some(int fd, std::array<char, 65536>& buffer) {
    for (;;) {
        const ssize_t n = ::read(fd, buffer.data(), buffer.size());
        if (n >= 0) {
            return {buffer.data(), static_cast<std::size_t>(n)};
        }
        if (errno != EINTR) {
            base::throw_errno(errno, "read from journalctl");
        }
    }
}

/// A journalctl with its output in a pipe of ours.
struct Journalctl {
    base::UniqueFd output;
    base::Child child;

    static Journalctl start(std::vector<std::string> argv) {
        argv.insert(argv.begin(), "journalctl");
        auto environment = base::own_environment();
        // It asks whether its output is a terminal; ours may be.
        if (::isatty(STDOUT_FILENO) == 1 && ::getenv("NO_COLOR") == nullptr &&
            ::getenv("SYSTEMD_COLORS") == nullptr) {
            base::set_variable(environment, "SYSTEMD_COLORS", "1");
        }
        auto [read, write] = base::make_pipe();
        auto started = base::spawn({.argv = std::move(argv),
                                    .environment = std::move(environment),
                                    .out = write.get(),
                                    .death_signal = SIGTERM});
        if (const auto* failure = std::get_if<base::CannotExecute>(&started)) {
            throw std::runtime_error{failure->reason};
        }
        return {std::move(read), std::move(std::get<base::Child>(started))};
    }

    /// 1 is that there is nothing to show.
    void finish() {
        if (const base::ExitStatus status = child.wait(); status.shell_code() > 1) {
            throw std::runtime_error{fmt::format("journalctl ended with {}", describe(status))};
        }
    }
};

std::vector<std::string> joined(std::initializer_list<std::vector<std::string>> parts) {
    std::vector<std::string> all;
    for (const auto& part : parts) {
        all.insert(all.end(), part.begin(), part.end());
    }
    return all;
}

constexpr std::string_view k_cursor = "-- cursor: ";

/// False: nothing is for us to see, and journalctl has said why.
bool can_read_journal() {
    return !base::run_and_capture(
                {.argv = {"journalctl", "--quiet", "--output=cat", "--lines=1", "--show-cursor"}})
                .text.empty();
}

/// Shows all but the last line, which is where the journal has been read to; nullopt: there was
/// nothing.
std::optional<std::string> show_to_cursor(const std::vector<std::string>& argv) {
    Journalctl journal = Journalctl::start(joined({argv, {"--show-cursor"}}));
    std::array<char, 65536> buffer;
    std::string held;
    for (auto text = read_some(journal.output.get(), buffer); !text.empty();
         text = read_some(journal.output.get(), buffer)) {
        held += text;
        const std::size_t end =
            held.size() < 2 ? std::string::npos : held.rfind('\n', held.size() - 2);
        if (end != std::string::npos) {
            show(std::string_view{held}.substr(0, end + 1));
            held.erase(0, end + 1);
        }
    }
    journal.finish();
    if (!held.starts_with(k_cursor)) {
        show(held);
        return std::nullopt;
    }
    return held.substr(k_cursor.size(), held.find('\n') - k_cursor.size());
}

/// Shows what comes until the run is over, and returns how many bytes that were.
std::uint64_t show_while_it_lives(const inspect::FoundRun& run,
                                  const std::vector<std::string>& argv) {
    Journalctl journal = Journalctl::start(joined({argv, {"--follow"}}));
    event::Loop loop;
    std::array<char, 65536> buffer;
    std::uint64_t shown = 0;
    const auto show_some = [&] {
        const std::string_view text = read_some(journal.output.get(), buffer);
        show(text);
        shown += text.size();
        return !text.empty();
    };
    event::Source arrived = loop.on_io(journal.output.get(), EPOLLIN, [&](std::uint32_t) {
        if (!show_some()) {
            arrived.reset();  // it was killed: the end of the run will show the rest
        }
    });
    event::Source reader_gone;
    try {
        reader_gone = loop.on_io(STDOUT_FILENO, 0, [](std::uint32_t) { throw NobodyReads{}; });
    } catch (const std::system_error&) {
        // A file: its reader cannot go away.
    }
    const inspect::RunWatch watch{loop, run, [](const run::Record&) {}, [&] { loop.stop(); }};
    loop.run();
    journal.child.kill(SIGTERM);
    while (show_some()) {
    }
    (void)journal.child.wait();
    return shown;
}

/// Shows what there is behind the first so many bytes.
void show_from(const std::vector<std::string>& argv, std::uint64_t known) {
    Journalctl journal = Journalctl::start(argv);
    std::array<char, 65536> buffer;
    for (auto text = read_some(journal.output.get(), buffer); !text.empty();
         text = read_some(journal.output.get(), buffer)) {
        const std::size_t skipped = std::min<std::uint64_t>(known, text.size());
        known -= skipped;
        show(text.substr(skipped));
    }
    journal.finish();
}

}  // namespace

int follow_journal(const inspect::FoundRun& run, const std::vector<std::string>& options,
                   const std::vector<std::string>& first, const std::vector<std::string>& matches) {
    if (!can_read_journal()) {
        return 1;
    }
    try {
        const auto now = std::chrono::system_clock::now().time_since_epoch();
        const auto last_shown = show_to_cursor(joined({options, first, matches}));
        std::vector<std::string> from;
        if (last_shown) {
            from.push_back("--after-cursor=" + *last_shown);
        } else if (!first.empty()) {
            // A cursor of another entry would not do: journalctl goes on with the second of those
            // that match, taking the first for the cursor's own.
            from.push_back(
                fmt::format("--since=@{:.6f}", std::chrono::duration<double>(now).count()));
        }
        const std::vector<std::string> rest = joined({options, {"--lines=all"}, from, matches});
        // Nothing tells whether a journalctl that follows has shown the last entry already. So it
        // is stopped wherever it is, and what it would have shown comes from one that reads to the
        // end: both print the same, up to there.
        const std::uint64_t shown = show_while_it_lives(run, rest);
        show_from(rest, shown);
    } catch (const NobodyReads&) {
        // As somebody who had read enough wants it.
    }
    return 0;
}

}  // namespace ccci::cli
