#include "doctor/examination.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>

#include "base/duration.hpp"
#include "base/files.hpp"
#include "base/process.hpp"
#include "base/text.hpp"

namespace ccci::doctor {

namespace {

using health::Check;
using health::Checks;

/// How long a child that tidies up has for that, once it was told to end.
constexpr std::chrono::seconds k_tidying{6};

/// One question, and the child that looks for the answer. Destruction kills it.
class Asked {
public:
    Asked(event::Loop& loop, const Question& question, std::function<void()> on_end)
        : loop_{loop}, question_{question}, on_end_{std::move(on_end)} {
        auto [read_end, write_end] = base::make_pipe();
        (void)::fcntl(read_end.get(), F_SETFL, O_NONBLOCK);
        const int answer = write_end.get();
        auto work = [&] { return tell(answer); };
        child_.emplace(base::fork_function(work));
        answer_ = std::move(read_end);
        readable_ = loop_.on_io(answer_.get(), EPOLLIN, [this](std::uint32_t) { read(); });
        limit_ = loop_.after(question_.patience, [this] { give_up(); });
    }
    Asked(const Asked&) = delete;
    Asked& operator=(const Asked&) = delete;
    ~Asked() {
        if (!over_) {
            child_->kill(SIGKILL);
        }
    }

    [[nodiscard]] bool is_over() const { return over_; }

    void interrupt() {
        interrupted_ = true;
        if (over_) {
            return;
        }
        if (!question_.tidies_up) {
            end();
            return;
        }
        child_->kill(SIGTERM);
        limit_ = loop_.after(k_tidying, [this] { end(); });
    }

    [[nodiscard]] Checks checks() const {
        const health::Subject subject{question_.name, question_.why};
        try {
            if (over_ && complete_) {
                return nlohmann::json::parse(text_).get<Checks>();
            }
        } catch (const std::exception& error) {
            return {subject.failed(base::printable(text_.empty() ? error.what() : text_, 300),
                                   health::advice("see what is said there"))};
        }
        if (interrupted_) {
            return {subject.skipped("interrupted")};
        }
        return {subject.failed(
            fmt::format("no answer within {}", base::format_duration(question_.patience)),
            health::advice("something of this host does not answer: see dmesg and journalctl"))};
    }

private:
    [[nodiscard]] int tell(int fd) const {
        std::string text;
        try {
            const nlohmann::json checks = question_.answer();
            text = checks.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
        } catch (const std::exception& error) {
            text = error.what();
        }
        base::write_all(fd, text, "answer");
        return 0;
    }

    void read() {
        std::array<char, 16384> buffer;
        const ssize_t n = ::read(answer_.get(), buffer.data(), buffer.size());
        if (n > 0) {
            text_.append(buffer.data(), static_cast<std::size_t>(n));
        } else if (n == 0) {
            complete_ = true;
            end();
        } else if (errno != EAGAIN && errno != EINTR) {
            end();
        }
    }

    void give_up() {
        // One that tidies up still has to.
        if (question_.tidies_up) {
            child_->kill(SIGTERM);
            limit_ = loop_.after(k_tidying, [this] { end(); });
        } else {
            end();
        }
    }

    void end() {
        over_ = true;
        readable_.reset();
        limit_.reset();
        if (complete_) {
            (void)child_->wait();
        } else {
            // Not waited for: what hangs in the kernel dies when the kernel lets it.
            child_->kill(SIGKILL);
        }
        on_end_();
    }

    event::Loop& loop_;
    const Question& question_;
    std::function<void()> on_end_;
    std::optional<base::Child> child_;
    base::UniqueFd answer_;
    event::Source readable_;
    event::Source limit_;
    std::string text_;
    bool complete_ = false;
    bool over_ = false;
    bool interrupted_ = false;
};

}  // namespace

Findings examine(event::Loop& loop, const std::vector<Question>& questions) {
    std::vector<std::unique_ptr<Asked>> asked;
    Findings findings;
    const auto stop_if_over = [&] {
        bool all = asked.size() == questions.size();
        for (const auto& each : asked) {
            all = all && each->is_over();
        }
        if (all) {
            loop.stop();
        }
    };
    std::vector<event::Source> signals;
    for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
        signals.push_back(loop.on_signal(signal, [&](const signalfd_siginfo&) {
            findings.interrupted = true;
            for (const auto& each : asked) {
                each->interrupt();
            }
        }));
    }
    for (const Question& question : questions) {
        asked.push_back(std::make_unique<Asked>(loop, question, stop_if_over));
    }
    if (!asked.empty()) {
        loop.run();
    }
    for (const auto& each : asked) {
        const Checks checks = each->checks();
        findings.checks.insert(findings.checks.end(), checks.begin(), checks.end());
    }
    return findings;
}

}  // namespace ccci::doctor
