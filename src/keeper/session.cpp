#include "keeper/session.hpp"

#include <unistd.h>

#include <array>
#include <cerrno>

namespace ccci::keeper {

namespace {

using namespace std::chrono_literals;

/// With nobody left to tell, a claim that cannot be given up runs out by itself.
constexpr auto k_patience = 5s;

}  // namespace

Session::Session(event::Loop& loop, Tenure& tenure, bool carried)
    : loop_{loop}, tenure_{tenure}, carried_{carried} {
    input_ = loop.on_io(STDIN_FILENO, EPOLLIN, [this](std::uint32_t) { on_input(); });
}

void Session::on_input() {
    std::array<char, 256> buffer;
    const ssize_t n = ::read(STDIN_FILENO, buffer.data(), buffer.size());
    if (n < 0 && errno == EINTR) {
        return;
    }
    if (n <= 0) {
        input_.reset();
        on_end();
        return;
    }
    part_.append(buffer.data(), static_cast<std::size_t>(n));
    for (std::size_t end; (end = part_.find('\n')) != std::string::npos;) {
        const auto order = lease::parse_order(part_.substr(0, end));
        part_.erase(0, end + 1);
        carried_ = carried_ || order == lease::Order::carried;
        if (order) {
            tenure_.obey(*order);
        }
    }
    if (tenure_.is_over()) {
        loop_.stop();
    }
}

void Session::on_end() {
    if (carried_) {
        loop_.stop();
        return;
    }
    patience_ = loop_.after(k_patience, [this] { loop_.stop(); });
    tenure_.obey(lease::Order::withdraw);
    if (tenure_.is_over()) {
        loop_.stop();
    }
}

}  // namespace ccci::keeper
