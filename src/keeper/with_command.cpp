#include <fmt/format.h>
#include <signal.h>

#include <memory>
#include <optional>
#include <stdexcept>
#include <utility>
#include <variant>

#include "base/process.hpp"
#include "keeper/commands.hpp"
#include "keeper/setup.hpp"
#include "keeper/tenure.hpp"
#include "lease/validity.hpp"
#include "run/verdict.hpp"

namespace ccci::keeper {

namespace {

struct WithOptions {
    std::string domain;
    Asker asker;
    std::vector<std::string> command;
};

/// A command under a tenure.
class Guarded {
public:
    Guarded(event::Loop& loop, const WithOptions& options, const run::Config& config)
        : loop_{loop},
          options_{options},
          client_{loop, etcd_settings(config)},
          tenure_{loop,
                  client_,
                  config.lock,
                  {.domain = options.domain,
                   .claimant = claimant_of(options.asker, config),
                   .wait = false,
                   .marks = false},
                  [this](const lease::KeeperLine& line) {
                      std::visit([this](const auto& each) { hear(each); }, line);
                  }} {}

    int run() {
        loop_.run();
        return code_;
    }

private:
    void hear(const lease::Held& line) {
        std::vector<std::string> environment = base::own_environment();
        base::set_variable(environment, "CCCI_LOCK_REVISION", std::to_string(line.revision));
        auto started = base::spawn({.argv = options_.command,
                                    .environment = environment,
                                    .new_process_group = true,
                                    .death_signal = SIGKILL});
        if (const auto* failure = std::get_if<base::CannotExecute>(&started)) {
            code_ = failure->shell_code();
            tenure_.obey(lease::Order::withdraw);
            return;
        }
        child_.emplace(std::move(std::get<base::Child>(started)));
        ended_ = loop_.on_io(child_->pidfd(), EPOLLIN, [this](std::uint32_t) { on_ended(); });
    }

    void hear(const lease::Valid& line) {
        // Whatever it is doing then, somebody else may be at work there.
        if (!ending_) {
            limit_ = loop_.on_time(line.until, [this] { kill(); });
        }
    }

    void hear(const lease::Lost&) {
        kill();
        if (!child_) {
            loop_.stop();
        }
    }

    void hear(const lease::Refused& line) {
        code_ = line.taken ? run::exit_code::not_acquired : run::exit_code::internal;
        fmt::print(stderr, "cc-ci: {}\n", line.reason);
        loop_.stop();
    }

    void hear(const lease::Released&) { loop_.stop(); }

    void hear(const lease::Trouble& line) { fmt::print(stderr, "cc-ci: {}\n", line.text); }

    template <typename Other>
    void hear(const Other&) {}

    void kill() {
        if (child_) {
            child_->kill_group(SIGKILL);
        }
    }

    void on_ended() {
        ended_.reset();
        const base::ExitStatus status = child_->wait();
        child_.reset();
        code_ = status.shell_code();
        if (tenure_.is_over()) {
            loop_.stop();
            return;
        }
        // Nobody waits for what cannot be given back: it runs out.
        ending_ = true;
        limit_ = loop_.after(std::chrono::seconds{5}, [this] { loop_.stop(); });
        tenure_.obey(status.success() ? lease::Order::release : lease::Order::leave);
    }

    event::Loop& loop_;
    const WithOptions& options_;
    etcd::Client client_;
    int code_ = run::exit_code::internal;
    bool ending_ = false;  ///< the command is over
    std::optional<base::Child> child_;
    event::Source ended_;
    event::Source limit_;
    Tenure tenure_;
};

int run_with(const run::Config& config, const WithOptions& options) {
    event::Loop loop;
    Guarded guarded{loop, options, config};
    return guarded.run();
}

}  // namespace

program::Action add_with(CLI::App& program) {
    auto options = std::make_shared<WithOptions>();
    CLI::App* command = program.add_subcommand("with");
    command->add_option("--domain", options->domain)->required();
    command->add_option("--run", options->asker.run)->required();
    command->add_option("command", options->command)->required();
    return [options](const run::Config& config, const std::vector<std::string>&) {
        return run_with(config, *options);
    };
}

}  // namespace ccci::keeper
