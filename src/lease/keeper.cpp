#include "lease/keeper.hpp"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <stdexcept>
#include <utility>

#include "base/files.hpp"
#include "base/os_error.hpp"

namespace ccci::lease {

Keeper::Keeper(const base::Command& program) {
    auto [orders_read, orders_write] = base::make_pipe();
    auto [lines_read, lines_write] = base::make_pipe();
    base::Command command = program;
    command.in = orders_read.get();
    command.out = lines_write.get();
    // Whatever a library has to say goes the same way: an inherited one might be a CI's pipe.
    command.err = lines_write.get();
    command.new_process_group = true;
    auto started = base::spawn(command);
    if (const auto* failure = std::get_if<base::CannotExecute>(&started)) {
        throw std::runtime_error{failure->reason};
    }
    child_.emplace(std::move(std::get<base::Child>(started)));
    orders_ = std::move(orders_write);
    lines_ = std::move(lines_read);
    // An order is a few bytes, and a pipe takes thousands: one that is full is not read any more.
    for (const int fd : {orders_.get(), lines_.get()}) {
        if (::fcntl(fd, F_SETFL, O_NONBLOCK) != 0) {
            base::throw_errno(errno, "make a pipe of the keeper non-blocking");
        }
    }
}

Keeper::~Keeper() {
    orders_.reset();
    if (child_ && over_) {
        (void)child_->wait();
    }
}

std::vector<KeeperLine> Keeper::read() {
    std::vector<KeeperLine> said;
    std::array<char, 4096> buffer;
    while (!over_) {
        const ssize_t n = ::read(lines_.get(), buffer.data(), buffer.size());
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n < 0 && errno == EAGAIN) {
            break;
        }
        if (n <= 0) {
            over_ = true;
            break;
        }
        part_.append(buffer.data(), static_cast<std::size_t>(n));
        for (std::size_t end; (end = part_.find('\n')) != std::string::npos;) {
            said.push_back(parse_keeper_line(part_.substr(0, end)));
            part_.erase(0, end + 1);
        }
    }
    return said;
}

void Keeper::tell(Order order) {
    const std::string line = encode(order);
    // SIGPIPE is ignored by all that have a keeper.
    if (orders_) {
        (void)::write(orders_.get(), line.data(), line.size());
    }
}

}  // namespace ccci::lease
