#include "harness/output.hpp"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "base/os_error.hpp"

namespace ccci::harness {

namespace {

constexpr std::size_t k_file_limit = std::size_t{1} << 20;
constexpr int k_pipe_size = 1 << 20;

}  // namespace

Output::Output(event::Loop& loop, const std::vector<std::string>& fields,
               std::function<void()> on_room) {
    journal_.emplace(loop, fields, std::move(on_room));
}

Output::Output(event::Loop& loop, base::UniqueFd file, std::function<void()> on_room)
    : file_{std::move(file)} {
    outlet_.emplace(loop, file_.get(), k_file_limit, std::move(on_room));
}

void Output::write(link::Kind kind, std::string_view bytes) {
    // The step comes second: what it has shown is not lost with us.
    if (journal_) {
        journal_->write(kind, bytes);
    } else {
        outlet_->write(bytes);
    }
    if (channel_ != nullptr) {
        channel_->send(kind, bytes);
    }
}

void Output::end_lines() {
    if (journal_) {
        journal_->end_lines();
    }
}

void Output::say(systemd::Event event, const std::string& message) {
    if (channel_ != nullptr) {
        channel_->send(link::Kind::line, message);
    }
    if (journal_) {
        journal_->say(event, message);
    } else {
        outlet_->write("cc-ci: " + message + "\n");
    }
}

void Output::note(systemd::Event event, const std::string& message,
                  const std::vector<std::string>& more) {
    if (journal_) {
        journal_->say(event, message, more);
    }
}

void Output::expect_tier(const std::string& tier) {
    if (journal_) {
        journal_->expect_tier(tier);
    }
}

void Output::settle_tiers() {
    if (journal_) {
        journal_->settle_tiers();
    }
}

bool Output::is_full() const {
    return (channel_ != nullptr && channel_->is_full()) || (outlet_ && outlet_->is_full()) ||
           (journal_ && journal_->is_full());
}

bool Output::is_finished() {
    return pending() == 0 && (!journal_ || journal_->is_finished());
}

std::size_t Output::pending() const {
    return (outlet_ ? outlet_->pending() : 0) + (journal_ ? journal_->pending() : 0) +
           (channel_ != nullptr ? channel_->pending() : 0);
}

bool Output::is_logged() const {
    return (!outlet_ || outlet_->pending() == 0) && (!journal_ || journal_->pending() == 0);
}

std::optional<std::uint64_t> Output::entries() const {
    return journal_ ? std::optional{journal_->entries()} : std::nullopt;
}

Pump::Pump(event::Loop& loop, base::UniqueFd pipe, link::Kind kind, Output& output,
           std::function<void()> before, std::function<void()> after)
    : pipe_{std::move(pipe)},
      kind_{kind},
      output_{output},
      before_{std::move(before)},
      after_{std::move(after)} {
    // Both are about our end only: the writers' end keeps its own flags.
    if (::fcntl(pipe_.get(), F_SETFL, O_RDONLY | O_NONBLOCK) != 0) {
        base::throw_errno(errno, "make the output pipe non-blocking");
    }
    (void)::fcntl(pipe_.get(), F_SETPIPE_SZ, k_pipe_size);  // refused above a user's limit: slower
    source_ = loop.on_io(pipe_.get(), EPOLLIN, [this](std::uint32_t) {
        if (!copy_once() || output_.is_full()) {
            // copy_once() is false here only at the end: the loop saw something to read.
            source_.enable(false);
        }
    });
}

void Pump::resume() {
    if (pipe_) {
        source_.enable(true);
    }
}

void Pump::drain() {
    while (copy_once()) {
    }
    source_.reset();
    pipe_.reset();
}

void Pump::mark() {
    int bytes = 0;
    if (pipe_ && ::ioctl(pipe_.get(), FIONREAD, &bytes) == 0) {
        until_mark_ = static_cast<std::size_t>(bytes);
    }
}

bool Pump::copy_once() {
    if (!pipe_) {
        return false;
    }
    std::array<char, link::k_max_payload> buffer;
    for (;;) {
        const ssize_t n = ::read(pipe_.get(), buffer.data(), buffer.size());
        if (n > 0) {
            const auto size = static_cast<std::size_t>(n);
            until_mark_ -= std::min(until_mark_, size);
            before_();
            output_.write(kind_, {buffer.data(), size});
            after_();
            return true;
        }
        if (n == 0 || errno != EINTR) {
            return false;
        }
    }
}

}  // namespace ccci::harness
