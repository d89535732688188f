#include "support/process_under_test.hpp"

#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <stdexcept>

#include "base/files.hpp"

namespace ccci::test {

namespace {

using std::chrono::steady_clock;

int left_ms(steady_clock::time_point until) {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(until - steady_clock::now());
    return left.count() > 0 ? static_cast<int>(left.count()) : 0;
}

void read_into(base::UniqueFd& fd, std::string& text) {
    std::array<char, 65536> buffer;
    const ssize_t n = ::read(fd.get(), buffer.data(), buffer.size());
    if (n > 0) {
        text.append(buffer.data(), static_cast<std::size_t>(n));
    } else {
        fd.reset();
    }
}

}  // namespace

ProcessUnderTest::ProcessUnderTest(std::vector<std::string> argv,
                                   std::vector<std::string> extra_environment,
                                   bool separate_stderr) {
    auto environment = base::own_environment();
    for (const std::string& variable : extra_environment) {
        const auto equals = variable.find('=');
        base::set_variable(environment, variable.substr(0, equals), variable.substr(equals + 1));
    }
    auto [out_read, out_write] = base::make_pipe();
    auto [err_read, err_write] = base::make_pipe();
    auto started = base::spawn({.argv = std::move(argv),
                                .environment = std::move(environment),
                                .out = out_write.get(),
                                .err = separate_stderr ? err_write.get() : out_write.get(),
                                .death_signal = SIGKILL});
    if (const auto* failure = std::get_if<base::CannotExecute>(&started)) {
        throw std::runtime_error{failure->reason};
    }
    child_.emplace(std::move(std::get<base::Child>(started)));
    out_ = std::move(out_read);
    if (separate_stderr) {
        err_ = std::move(err_read);
    }
}

ProcessUnderTest::~ProcessUnderTest() {
    if (!reaped_) {
        child_->kill(SIGKILL);
        (void)child_->wait();
    }
}

bool ProcessUnderTest::read_some(int timeout_ms) {
    std::array<pollfd, 2> waiting{{{.fd = out_ ? out_.get() : -1, .events = POLLIN, .revents = 0},
                                   {.fd = err_ ? err_.get() : -1, .events = POLLIN, .revents = 0}}};
    if ((!out_ && !err_) || ::poll(waiting.data(), waiting.size(), timeout_ms) <= 0) {
        return false;
    }
    if (waiting[0].revents != 0) {
        read_into(out_, output_);
    }
    if (waiting[1].revents != 0) {
        read_into(err_, errors_);
    }
    return true;
}

bool ProcessUnderTest::wait_for(std::string_view text) {
    const auto until = steady_clock::now() + std::chrono::seconds{30};
    while (output_.find(text) == std::string::npos && errors_.find(text) == std::string::npos) {
        if (!read_some(left_ms(until))) {
            return false;
        }
    }
    return true;
}

std::optional<base::ExitStatus> ProcessUnderTest::wait() {
    const auto until = steady_clock::now() + std::chrono::seconds{60};
    while (out_ || err_) {
        if (!read_some(left_ms(until))) {
            break;
        }
    }
    pollfd waiting{.fd = child_->pidfd(), .events = POLLIN, .revents = 0};
    if (::poll(&waiting, 1, left_ms(until)) <= 0) {
        return std::nullopt;
    }
    reaped_ = true;
    return child_->wait();
}

int ProcessUnderTest::exit_code() {
    const auto status = wait();
    return status ? status->shell_code() : -1;
}

void ProcessUnderTest::close_output() {
    out_.reset();
    err_.reset();
}

}  // namespace ccci::test
