#include "harness/output.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "base/os_error.hpp"
#include "systemd/journal.hpp"

namespace ccci::harness {

namespace {

constexpr std::size_t k_log_limit = std::size_t{1} << 20;
constexpr int k_pipe_size = 1 << 20;

}  // namespace

Output::Output(event::Loop& loop, base::UniqueFd log, bool is_journal,
               std::function<void()> on_room)
    : loop_{loop}, log_{std::move(log)}, is_journal_{is_journal && log_} {
    if (log_) {
        outlet_.emplace(loop, log_.get(), k_log_limit, std::move(on_room));
    }
}

void Output::write(link::Kind kind, std::string_view bytes) {
    if (channel_ != nullptr) {
        channel_->send(kind, bytes);
    }
    if (outlet_) {
        outlet_->write(bytes);
    }
}

void Output::say(const std::string& event, const std::string& message, int priority) {
    if (channel_ != nullptr) {
        channel_->send(link::Kind::line, message);
    }
    if (is_journal_) {
        systemd::send_to_journal({"MESSAGE=" + message, fmt::format("PRIORITY={}", priority),
                                  "SYSLOG_IDENTIFIER=cc-ci", "CC_CI_EVENT=" + event});
    } else if (outlet_) {
        outlet_->write("cc-ci: " + message + "\n");
    }
}

bool Output::is_full() const {
    return (channel_ != nullptr && channel_->is_full()) || (outlet_ && outlet_->is_full());
}

bool Output::is_finished() {
    if (pending() > 0) {
        return false;
    }
    if (is_journal_ && !leaving_journal_ && !outlet_->is_broken()) {
        leave_journal();
    }
    return !journal_end_;
}

void Output::leave_journal() {
    leaving_journal_ = true;
    (void)::shutdown(log_.get(), SHUT_WR);
    journal_end_ = loop_.on_io(log_.get(), EPOLLIN, [this](std::uint32_t) {
        journal_end_.reset();
        journal_barrier_ = systemd::open_journal_barrier();
        if (journal_barrier_) {
            journal_end_ = loop_.on_io(journal_barrier_->get(), EPOLLIN,
                                       [this](std::uint32_t) { journal_end_.reset(); });
        }
    });
}

std::size_t Output::pending() const {
    return (outlet_ ? outlet_->pending() : 0) + (channel_ != nullptr ? channel_->pending() : 0);
}

Pump::Pump(event::Loop& loop, base::UniqueFd pipe, link::Kind kind, Output& output)
    : pipe_{std::move(pipe)}, kind_{kind}, output_{output} {
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

bool Pump::copy_once() {
    if (!pipe_) {
        return false;
    }
    std::array<char, link::k_max_payload> buffer;
    for (;;) {
        const ssize_t n = ::read(pipe_.get(), buffer.data(), buffer.size());
        if (n > 0) {
            output_.write(kind_, {buffer.data(), static_cast<std::size_t>(n)});
            return true;
        }
        if (n == 0 || errno != EINTR) {
            return false;
        }
    }
}

}  // namespace ccci::harness
