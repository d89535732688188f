#include <fcntl.h>
#include <fmt/format.h>
#include <sys/wait.h>
#include <systemd/sd-bus.h>
#include <systemd/sd-event.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <fstream>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "base/unique_fd.hpp"

// Those few calls of org.freedesktop.systemd1 that cc-ci makes, with the faults that a real systemd
// shows once in a thousand daemon-reexecs. What it starts is real: the program with its
// descriptors, and ExecStopPost after it.
//
//   fake_systemd ADDRESS LOG [METHOD=FAULT]...
//
// Each call is a line in LOG. A fault is used up by the next call of its method; calls without one
// are answered as systemd does.
//
//   start=lost-before   leaves the bus without having started anything, and comes back
//   start=lost-after    the same, but the unit is started
//   start=refused       the unit exists
//   start=overloaded    what dbus-daemon says when too much waits for systemd already
//   start=pending       the start job waits, and a stop cancels it: the unit never runs
//   start=garbled       answers with a number where a path belongs
//   stop=lost-before    as for start
//   stop=removed-first  the job is over before its path is told
//   stop=lost-waiting   answers, and leaves the bus while the unit ends

namespace {

using ccci::base::UniqueFd;

constexpr const char* k_service = "org.freedesktop.systemd1";
constexpr const char* k_path = "/org/freedesktop/systemd1";
constexpr const char* k_manager = "org.freedesktop.systemd1.Manager";
constexpr const char* k_unit_path = "/org/freedesktop/systemd1/unit/one";
constexpr const char* k_job_path = "/org/freedesktop/systemd1/job/1";
constexpr std::uint64_t k_absence = 200'000;  ///< microseconds

int check(int result, const char* attempted) {
    if (result < 0) {
        throw std::runtime_error{fmt::format("{}: error {}", attempted, -result)};
    }
    return result;
}

/// For what is sent: a bus that has just gone away is told of in its own time.
int sent(int result) {
    const bool gone = result == -ECONNRESET || result == -ENOTCONN || result == -EPIPE;
    return gone ? 1 : check(result, "send");
}

struct Unit {
    std::string name;
    std::vector<std::string> exec_start;
    std::vector<std::string> exec_stop_post;
    UniqueFd input;
    UniqueFd output;
    pid_t pid = 0;
    bool stopping = false;
    bool in_post = false;
};

class FakeSystemd {
public:
    FakeSystemd(std::string address, const char* log, std::vector<std::string> faults)
        : address_{std::move(address)}, log_{log, std::ios::app} {
        for (const std::string& fault : faults) {
            const auto equals = fault.find('=');
            faults_[fault.substr(0, equals)].push_back(fault.substr(equals + 1));
        }
        check(sd_event_default(&event_), "make an event loop");
        connect();
    }

    int run() { return sd_event_loop(event_); }

private:
    void connect() {
        check(sd_bus_new(&bus_), "make a bus");
        check(sd_bus_set_address(bus_, address_.c_str()), "set the address");
        check(sd_bus_set_bus_client(bus_, 1), "be a client");
        check(sd_bus_negotiate_fds(bus_, 1), "take descriptors");
        if (sd_bus_start(bus_) < 0 || sd_bus_request_name(bus_, k_service, 0) < 0) {
            // The daemon itself is away, too.
            leave();
            return;
        }
        check(sd_bus_add_filter(bus_, nullptr, &FakeSystemd::on_message, this), "listen");
        check(sd_bus_attach_event(bus_, event_, 0), "attach the bus");
        std::puts("on the bus");
        (void)std::fflush(stdout);
    }

    void leave() {
        bus_ = sd_bus_close_unref(bus_);
        check(sd_event_add_time_relative(event_, nullptr, CLOCK_MONOTONIC, k_absence, 1000,
                                         &FakeSystemd::on_return, this),
              "set a timer");
    }

    static int on_return(sd_event_source*, std::uint64_t, void* self) {
        static_cast<FakeSystemd*>(self)->connect();
        return 0;
    }

    static int on_message(sd_bus_message* message, void* self, sd_bus_error*) {
        try {
            return static_cast<FakeSystemd*>(self)->dispatch(message);
        } catch (const std::exception& error) {
            std::fprintf(stderr, "fake_systemd: %s\n", error.what());
            std::exit(1);
        }
    }

    int dispatch(sd_bus_message* message) {
        if (sd_bus_message_is_signal(message, "org.freedesktop.DBus.Local", "Disconnected") > 0) {
            leave();
            return 1;
        }
        if (sd_bus_message_is_method_call(message, k_manager, "StartTransientUnit") > 0) {
            return start(message);
        }
        if (sd_bus_message_is_method_call(message, k_manager, "StopUnit") > 0) {
            return stop(message);
        }
        if (sd_bus_message_is_method_call(message, k_manager, "GetUnit") > 0) {
            const char* name = nullptr;
            check(sd_bus_message_read(message, "s", &name), "read GetUnit");
            return has(name) ? sent(sd_bus_reply_method_return(message, "o", k_unit_path))
                             : no_such_unit(message);
        }
        if (sd_bus_message_is_method_call(message, "org.freedesktop.DBus.Properties", "GetAll") >
            0) {
            return tell_state(message);
        }
        return 0;
    }

    [[nodiscard]] bool has(const std::string& name) const { return unit_ && unit_->name == name; }

    static int no_such_unit(sd_bus_message* message) {
        return sent(sd_bus_reply_method_errorf(message, "org.freedesktop.systemd1.NoSuchUnit",
                                               "Unit is not loaded."));
    }

    int tell_state(sd_bus_message* message) {
        sd_bus_message* reply = nullptr;
        check(sd_bus_message_new_method_return(message, &reply), "make a reply");
        check(sd_bus_message_append(
                  reply, "a{sv}", 3, "ActiveState", "s",
                  !unit_ ? "inactive" : (unit_->stopping ? "deactivating" : "active"), "SubState",
                  "s", "running", "InvocationID", "ay", 2, 0x12, 0x34),
              "write a state");
        sent(sd_bus_send(bus_, reply, nullptr));
        sd_bus_message_unref(reply);
        return 1;
    }

    int start(sd_bus_message* message) {
        Unit unit = read_unit(message);
        log("start " + unit.name);
        const std::string fault = next_fault("start");
        if (fault == "lost-before") {
            leave();
            return 1;
        }
        if (fault == "refused") {
            return sent(sd_bus_reply_method_errorf(
                message, "org.freedesktop.systemd1.UnitExists",
                "Unit %s was already loaded or has a fragment file.", unit.name.c_str()));
        }
        if (fault == "overloaded") {
            return sent(
                sd_bus_reply_method_errorf(message, "org.freedesktop.DBus.Error.LimitsExceeded",
                                           "Rejected: destination has a full message queue"));
        }
        if (fault == "garbled") {
            return sent(sd_bus_reply_method_return(message, "u", 7U));
        }
        unit_ = std::move(unit);
        if (fault == "pending") {
            return sent(sd_bus_reply_method_return(message, "o", k_job_path));
        }
        execute(unit_->exec_start, {});
        if (fault == "lost-after") {
            leave();
            return 1;
        }
        sent(sd_bus_reply_method_return(message, "o", k_job_path));
        send_job_removed(unit_->name);
        return 1;
    }

    int stop(sd_bus_message* message) {
        const char* name = nullptr;
        const char* mode = nullptr;
        check(sd_bus_message_read(message, "ss", &name, &mode), "read StopUnit");
        log(fmt::format("stop {}", name));
        const std::string fault = next_fault("stop");
        if (fault == "lost-before") {
            leave();
            return 1;
        }
        if (!has(name)) {
            return no_such_unit(message);
        }
        if (unit_->pid == 0) {
            sent(sd_bus_reply_method_return(message, "o", k_job_path));
            send_job_removed(unit_->name);
            log("over " + unit_->name);
            unit_.reset();
            return 1;
        }
        if (!std::exchange(unit_->stopping, true)) {
            check(::kill(unit_->pid, SIGTERM), "kill");
        }
        if (fault == "removed-first") {
            held_reply_ = sd_bus_message_ref(message);
            return 1;
        }
        sent(sd_bus_reply_method_return(message, "o", k_job_path));
        if (fault == "lost-waiting") {
            sent(sd_bus_flush(bus_));
            leave();
        }
        return 1;
    }

    static Unit read_unit(sd_bus_message* message) {
        Unit unit;
        const char* text = nullptr;
        const char* mode = nullptr;
        check(sd_bus_message_read(message, "ss", &text, &mode), "read StartTransientUnit");
        unit.name = text;
        check(sd_bus_message_enter_container(message, 'a', "(sv)"), "read properties");
        while (check(sd_bus_message_enter_container(message, 'r', "sv"), "read a property") > 0) {
            check(sd_bus_message_read(message, "s", &text), "read a name");
            const std::string name = text;
            if (name == "ExecStart") {
                unit.exec_start = read_exec(message);
            } else if (name == "ExecStopPost") {
                unit.exec_stop_post = read_exec(message);
            } else if (name == "StandardInputFileDescriptor") {
                unit.input = read_fd(message);
            } else if (name == "StandardOutputFileDescriptor") {
                unit.output = read_fd(message);
            } else {
                check(sd_bus_message_skip(message, "v"), "skip a value");
            }
            check(sd_bus_message_exit_container(message), "leave a property");
        }
        return unit;
    }

    static std::vector<std::string> read_exec(sd_bus_message* message) {
        check(sd_bus_message_enter_container(message, 'v', "a(sasb)"), "read a command");
        check(sd_bus_message_enter_container(message, 'a', "(sasb)"), "read a command");
        check(sd_bus_message_enter_container(message, 'r', "sasb"), "read a command");
        const char* path = nullptr;
        char** argv = nullptr;
        int ignore = 0;
        check(sd_bus_message_read(message, "s", &path), "read a path");
        check(sd_bus_message_read_strv(message, &argv), "read arguments");
        check(sd_bus_message_read(message, "b", &ignore), "read a flag");
        std::vector<std::string> words;
        for (char** word = argv; *word != nullptr; ++word) {
            words.emplace_back(*word);
            std::free(*word);
        }
        std::free(argv);
        for (int depth = 0; depth < 3; ++depth) {
            check(sd_bus_message_exit_container(message), "leave a command");
        }
        return words;
    }

    /// A copy: the message's own goes with the message.
    static UniqueFd read_fd(sd_bus_message* message) {
        int fd = -1;
        check(sd_bus_message_read(message, "v", "h", &fd), "read a descriptor");
        return UniqueFd{check(::fcntl(fd, F_DUPFD_CLOEXEC, 3), "duplicate a descriptor")};
    }

    void execute(std::vector<std::string> argv, const std::vector<std::string>& environment) {
        std::vector<char*> arguments;
        for (std::string& word : argv) {
            arguments.push_back(word.data());
        }
        arguments.push_back(nullptr);
        unit_->pid = check(::fork(), "fork");
        if (unit_->pid == 0) {
            (void)::setsid();
            (void)::clearenv();
            (void)::setenv("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin", 1);
            for (const std::string& variable : environment) {
                const auto equals = variable.find('=');
                (void)::setenv(variable.substr(0, equals).c_str(),
                               variable.substr(equals + 1).c_str(), 1);
            }
            (void)::dup2(unit_->input.get(), STDIN_FILENO);
            (void)::dup2(unit_->output.get(), STDOUT_FILENO);
            (void)::dup2(unit_->output.get(), STDERR_FILENO);
            ::execv(arguments[0], arguments.data());
            ::_exit(203);
        }
        check(
            sd_event_add_child(event_, nullptr, unit_->pid, WEXITED, &FakeSystemd::on_child, this),
            "watch a child");
    }

    static int on_child(sd_event_source*, const siginfo_t* info, void* self) {
        static_cast<FakeSystemd*>(self)->on_exit(*info);
        return 0;
    }

    void on_exit(const siginfo_t& info) {
        if (!std::exchange(unit_->in_post, true)) {
            const bool exited = info.si_code == CLD_EXITED;
            const bool good = exited && info.si_status == 0;
            execute(unit_->exec_stop_post,
                    {std::string{"SERVICE_RESULT="} +
                         (good ? "success" : (exited ? "exit-code" : "signal")),
                     std::string{"EXIT_CODE="} + (exited ? "exited" : "killed"),
                     fmt::format("EXIT_STATUS={}", info.si_status)});
            return;
        }
        const Unit over = std::move(*unit_);
        unit_.reset();
        log("over " + over.name);
        if (bus_ == nullptr) {
            return;  // nobody hears of it: that is the fault
        }
        if (over.stopping) {
            send_job_removed(over.name);
        }
        if (held_reply_ != nullptr) {
            sent(sd_bus_reply_method_return(held_reply_, "o", k_job_path));
            held_reply_ = sd_bus_message_unref(held_reply_);
        }
    }

    void send_job_removed(const std::string& unit) {
        sent(sd_bus_emit_signal(bus_, k_path, k_manager, "JobRemoved", "uoss", 1U, k_job_path,
                                unit.c_str(), "done"));
    }

    std::string next_fault(const std::string& method) {
        std::deque<std::string>& left = faults_[method];
        if (left.empty()) {
            return "";
        }
        const std::string fault = left.front();
        left.pop_front();
        return fault;
    }

    void log(const std::string& line) { log_ << line << std::endl; }

    std::string address_;
    std::ofstream log_;
    std::map<std::string, std::deque<std::string>> faults_;
    sd_event* event_ = nullptr;
    sd_bus* bus_ = nullptr;
    sd_bus_message* held_reply_ = nullptr;
    std::optional<Unit> unit_;
};

}  // namespace

int main(int argc, char** argv) {
    if (argc < 3) {
        std::fputs("usage: fake_systemd ADDRESS LOG [METHOD=FAULT]...\n", stderr);
        return 2;
    }
    sigset_t children;
    sigemptyset(&children);
    sigaddset(&children, SIGCHLD);
    (void)::sigprocmask(SIG_BLOCK, &children, nullptr);
    try {
        return FakeSystemd{argv[1], argv[2], {argv + 3, argv + argc}}.run();
    } catch (const std::exception& error) {
        std::fprintf(stderr, "fake_systemd: %s\n", error.what());
        return 1;
    }
}
