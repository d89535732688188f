#include "doctor/self_test.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <map>
#include <optional>

#include "base/files.hpp"
#include "base/os_error.hpp"
#include "base/process.hpp"
#include "base/text.hpp"
#include "doctor/throw_away_dir.hpp"
#include "doctor/tiny_runs.hpp"
#include "event/loop.hpp"
#include "locks/waiting.hpp"
#include "run/run_dir.hpp"
#include "run/verdict.hpp"

namespace ccci::doctor {

namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;

constexpr std::array k_runs{TinyRun::pinning, TinyRun::deadline, TinyRun::kill};
constexpr int k_patience_ms = 3000;
constexpr steady_clock::duration k_least_patience = 3s;

/// Both ends, so that neither side waits for the other to come.
base::UniqueFd make_fifo(const std::filesystem::path& path) {
    if (::mkfifo(path.c_str(), 0600) != 0) {
        base::throw_errno(errno, "make {}", path.native());
    }
    return base::open_file(path, O_RDWR | O_NONBLOCK);
}

bool is_readable(int fd, int milliseconds) {
    pollfd event{fd, POLLIN, 0};
    return ::poll(&event, 1, milliseconds) == 1;
}

std::string read_some(int fd) {
    std::array<char, 256> buffer;
    const ssize_t n = ::read(fd, buffer.data(), buffer.size());
    return {buffer.data(), n > 0 ? static_cast<std::size_t>(n) : 0};
}

/// A step in a process of its own, so that it can be killed.
struct StepProcess {
    base::Child child;
    event::Source ended = {};
    bool over = false;
};

class Runs {
public:
    Runs(event::Loop& loop, const SelfTest& test) : loop_{loop}, test_{test}, dir_{test.parent} {
        for (const char* folder : {"locks", "runs"}) {
            std::filesystem::create_directory(dir_.path() / folder);
        }
        for (const char* name :
             {"pinning.up", "pinning.down", "pinning.go", "kill.up", "kill.go"}) {
            fifos_.emplace(name, make_fifo(dir_.path() / name));
        }
        facts_.deadline.limit = test.deadline;
    }
    Runs(const Runs&) = delete;
    Runs& operator=(const Runs&) = delete;
    ~Runs() = default;

    health::SelfTestFacts run() {
        std::vector<event::Source> sources;
        for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
            sources.push_back(loop_.on_signal(signal, [this](const signalfd_siginfo&) {
                facts_.interrupted = true;
                loop_.stop();
            }));
        }
        give_up_after(test_.patience);
        sources.push_back(on_word("pinning.up", [this] { kill_step_and_harness(); }));
        sources.push_back(on_word("pinning.down", [this] { probe(); }));
        sources.push_back(on_word("kill.up", [this] { meet_stray(); }));
        try {
            began_ = steady_clock::now();
            for (const TinyRun run : k_runs) {
                start(run);
            }
            loop_.run();
        } catch (...) {
            sources.clear();
            limit_.reset();
            end_all();
            throw;
        }
        sources.clear();
        limit_.reset();
        end_all();
        return facts_;
    }

private:
    void give_up_after(steady_clock::duration time) {
        limit_ = loop_.after(std::chrono::ceil<std::chrono::milliseconds>(time),
                             [this] { loop_.stop(); });
    }

    void start(TinyRun run) {
        auto step = [this, run] { return be_step(run); };
        StepProcess process{base::fork_function(step)};
        const int pidfd = process.child.pidfd();
        auto& kept = steps_.emplace(run, std::move(process)).first->second;
        kept.ended = loop_.on_io(pidfd, EPOLLIN, [this, run](std::uint32_t) { on_end(run); });
    }

    [[nodiscard]] int be_step(TinyRun run) const {
        const auto log = base::open_file(log_of(run), O_WRONLY | O_CREAT | O_APPEND, 0600);
        (void)::dup2(log.get(), STDOUT_FILENO);
        (void)::dup2(log.get(), STDERR_FILENO);
        event::Loop::block_signals({SIGTERM, SIGINT, SIGHUP, SIGCHLD});
        try {
            event::Loop loop;
            launch::Step step{loop, launch::Parent::ignore(),
                              order_of(run, pid_, dir_.path(), test_.environment, test_.deadline),
                              test_.make_carrier()};
            const run::Record record = step.run();
            return record.verdict ? record.verdict->exit_code : run::exit_code::internal;
        } catch (const std::exception& error) {
            base::write_all(log.get(), std::string{error.what()} + "\n", "log");
            return run::exit_code::internal;
        }
    }

    [[nodiscard]] std::filesystem::path log_of(TinyRun run) const {
        return dir_.path() / (to_string(run) + ".log");
    }

    event::Source on_word(const char* fifo, std::function<void()> then) {
        const int fd = fifos_.at(fifo).get();
        return loop_.on_io(fd, EPOLLIN, [this, fd, then = std::move(then)](std::uint32_t) {
            word_ = read_some(fd);
            if (!word_.empty()) {
                then();
            }
        });
    }

    void let_go(const char* fifo) {
        const std::string_view word = "go\n";
        (void)!::write(fifos_.at(fifo).get(), word.data(), word.size());
    }

    // --- pinning

    /// In a unit the harness is killed as well: what then tears down is ExecStopPost, and what
    /// holds the lock in between is systemd alone.
    void kill_step_and_harness() {
        const auto record =
            run::RunDir::open(dir_.path() / "runs" / run_id(TinyRun::pinning, pid_)).read();
        steps_.at(TinyRun::pinning).child.kill(SIGKILL);
        if (record && record->unit.ends_with(".service") && record->harness &&
            record->harness->is_alive()) {
            (void)::kill(record->harness->pid, SIGKILL);
        }
        facts_.pinning.step_killed = true;
    }

    void probe() {
        facts_.pinning.teardown_began = true;
        auto result =
            locks::DomainLock::try_acquire(dir_.path() / "locks", domain_of(TinyRun::pinning));
        if (auto* busy = std::get_if<locks::Busy>(&result)) {
            facts_.pinning.held_in_between = true;
            waiting_.emplace(std::move(*busy));
            wait_for_lock();
        } else {
            pinning_over_ = true;
        }
        let_go("pinning.go");
        stop_if_over();
    }

    void wait_for_lock() {
        queue_ = loop_.on_io(waiting_->pidfd(), EPOLLIN, [this](std::uint32_t) {
            queue_.reset();
            if (const auto lock = waiting_->finish()) {
                facts_.pinning.free_afterwards = true;
                pinning_over_ = true;
                waiting_.reset();
                stop_if_over();
            } else {
                wait_for_lock();
            }
        });
    }

    // --- kill

    void meet_stray() {
        for (const std::string& line : base::split(base::trim(word_), '\n')) {
            pid_t pid = 0;
            (void)std::from_chars(line.data(), line.data() + line.size(), pid);
            base::UniqueFd pidfd{pid > 1 ? static_cast<int>(::syscall(SYS_pidfd_open, pid, 0))
                                         : -1};
            if (pidfd) {
                strays_.push_back(std::move(pidfd));
            }
        }
        facts_.kill.stray_seen = !strays_.empty();
        let_go("kill.go");
    }

    // --- the end

    void on_end(TinyRun run) {
        StepProcess& step = steps_.at(run);
        step.ended.reset();
        step.over = true;
        const int code = step.child.wait().shell_code();
        const auto took =
            std::chrono::duration_cast<std::chrono::microseconds>(steady_clock::now() - began_);
        if (run == TinyRun::deadline) {
            facts_.deadline.code = code;
            facts_.deadline.took = took;
        } else if (run == TinyRun::kill) {
            facts_.kill.code = code;
            facts_.kill.took = took;
        } else if (!facts_.pinning.step_killed) {
            pinning_over_ = true;  // it ended by itself
        }
        stop_if_over();
    }

    void stop_if_over() {
        const int over = int{pinning_over_} + int{facts_.deadline.code.has_value()} +
                         int{facts_.kill.code.has_value()};
        if (over == std::ssize(k_runs)) {
            loop_.stop();
        } else if (over > 0) {
            give_up_after(std::max(k_least_patience, 3 * (steady_clock::now() - began_)));
        }
    }

    void end_all() {
        queue_.reset();
        waiting_.reset();
        let_go("pinning.go");
        let_go("kill.go");
        end_steps();
        end_units();
        end_strays();
        if (!facts_.interrupted) {
            remember_words();
        }
        if (!dir_.remove()) {
            facts_.left.push_back(dir_.path().native());
        }
    }

    void end_steps() {
        for (auto& [run, step] : steps_) {
            if (!step.over) {
                step.child.kill(SIGTERM);
            }
        }
        for (auto& [run, step] : steps_) {
            step.ended.reset();
            if (step.over) {
                continue;
            }
            if (!is_readable(step.child.pidfd(), k_patience_ms)) {
                step.child.kill(SIGKILL);
            }
            (void)step.child.wait();
        }
    }

    /// The end of a unit comes a moment after that of its step. Those of a killed step are ended
    /// here; where there are none this does nothing.
    void end_units() {
        std::vector<std::string> systemctl{"timeout", "5", "systemctl"};
        for (const TinyRun run : k_runs) {
            const auto record = run::RunDir::open(dir_.path() / "runs" / run_id(run, pid_)).read();
            if (!record || !record->unit.ends_with(".service")) {
                continue;
            }
            if (record->manager == "user") {
                systemctl.emplace_back("--user");
            }
            auto stop = systemctl;
            stop.insert(stop.end(), {"stop", unit_pattern(pid_)});
            auto list = systemctl;
            list.insert(list.end(),
                        {"list-units", "--all", "--plain", "--no-legend", unit_pattern(pid_)});
            (void)ask(stop);
            for (const std::string& line : base::split(ask(list), '\n')) {
                if (!line.empty()) {
                    facts_.left.push_back("unit " + base::split(line, ' ').front());
                }
            }
            return;
        }
    }

    [[nodiscard]] std::string ask(const std::vector<std::string>& argv) const {
        auto environment = test_.environment;
        base::set_variable(environment, "XDG_RUNTIME_DIR",
                           fmt::format("/run/user/{}", ::geteuid()));
        return base::run_and_capture(
                   {.argv = argv, .environment = environment, .death_signal = SIGKILL})
            .text;
    }

    void end_strays() {
        facts_.kill.stray_gone = true;
        for (const base::UniqueFd& stray : strays_) {
            if (is_readable(stray.get(), facts_.kill.code ? 0 : k_patience_ms)) {
                continue;
            }
            facts_.kill.stray_gone = false;
            (void)::syscall(SYS_pidfd_send_signal, stray.get(), SIGKILL, nullptr, 0);
            if (!is_readable(stray.get(), k_patience_ms)) {
                facts_.left.emplace_back("a process that a run left behind");
            }
        }
    }

    void remember_words() {
        for (const TinyRun run : k_runs) {
            const std::string text{base::trim(base::try_read_file(log_of(run)).value_or(""))};
            const std::string last = text.substr(text.rfind('\n') + 1);
            if (!last.empty()) {
                facts_.said.push_back(
                    fmt::format("{}: {}", to_string(run), base::printable(last, 300)));
            }
        }
    }

    event::Loop& loop_;
    const SelfTest& test_;
    ThrowAwayDir dir_;
    std::map<std::string, base::UniqueFd> fifos_;
    std::map<TinyRun, StepProcess> steps_;
    health::SelfTestFacts facts_;
    steady_clock::time_point began_;
    std::string word_;
    std::vector<base::UniqueFd> strays_;
    std::optional<locks::Waiting> waiting_;
    event::Source queue_;
    event::Source limit_;
    bool pinning_over_ = false;
    /// Of this process, also in those that are forked from it.
    pid_t pid_ = ::getpid();
};

}  // namespace

health::SelfTestFacts self_test(const SelfTest& test) {
    event::Loop::block_signals({SIGTERM, SIGINT, SIGHUP, SIGCHLD});
    event::Loop loop;
    Runs runs{loop, test};
    return runs.run();
}

}  // namespace ccci::doctor
