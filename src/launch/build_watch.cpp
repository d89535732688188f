#include "launch/build_watch.hpp"

#include <signal.h>

#include <utility>

#include "base/files.hpp"
#include "base/text.hpp"

namespace ccci::launch {

BuildWatch::BuildWatch(event::Loop& loop, const run::Program& program, Tell on_cancelled,
                       Tell on_given_up)
    : on_cancelled_{std::move(on_cancelled)}, on_given_up_{std::move(on_given_up)} {
    auto [read, write] = base::make_pipe();
    auto started = base::spawn({.argv = program.argv,
                                .environment = program.environment,
                                .out = write.get(),
                                .err = write.get(),
                                .new_process_group = true,
                                .death_signal = SIGKILL});
    if (const auto* failure = std::get_if<base::CannotExecute>(&started)) {
        on_given_up_(failure->reason);
        return;
    }
    output_ = std::move(read);
    child_.emplace(std::move(std::get<base::Child>(started)));
    over_ = loop.on_io(child_->pidfd(), EPOLLIN, [this](std::uint32_t) { finish(); });
}

BuildWatch::~BuildWatch() {
    if (child_) {
        child_->kill(SIGKILL);
        (void)child_->wait();
    }
}

void BuildWatch::finish() {
    over_.reset();
    const base::ExitStatus status = child_->wait();
    child_.reset();
    std::string text = base::read_all(output_.get(), "what the watcher of the build says");
    const std::string line = base::printable(base::trim(text.substr(0, text.find('\n'))), 200);
    const Tell tell = status.success() ? on_cancelled_ : on_given_up_;
    tell(line.empty() ? "the watcher of the build ended with " + base::describe(status) : line);
}

}  // namespace ccci::launch
