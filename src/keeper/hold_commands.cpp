#include <signal.h>

#include <memory>
#include <variant>

#include "keeper/commands.hpp"
#include "keeper/session.hpp"
#include "keeper/setup.hpp"
#include "keeper/voice.hpp"
#include "run/verdict.hpp"

namespace ccci::keeper {

namespace {

struct Options {
    std::string domain;
    Asker asker;
    bool no_wait = false;
    bool own_teardown = false;
    std::int64_t lease = 0;
    std::int64_t revision = 0;
};

/// What is sent to a whole scope or session is not meant for us: the end of our input is.
void ignore_stops() {
    for (const int signal : {SIGTERM, SIGINT, SIGHUP}) {
        (void)::signal(signal, SIG_IGN);
    }
}

/// Says it, and stops the loop after the last line.
Tenure::Tell voice_of(event::Loop& loop) {
    return [&loop](const lease::KeeperLine& line) {
        say(line);
        if (std::holds_alternative<lease::Refused>(line) ||
            std::holds_alternative<lease::Lost>(line) ||
            std::holds_alternative<lease::Released>(line)) {
            loop.stop();
        }
    };
}

int ask(const run::Config& config, const Options& options) {
    ignore_stops();
    event::Loop loop;
    etcd::Client client{loop, etcd_settings(config)};
    Tenure tenure{loop,
                  client,
                  config.lock,
                  {.domain = options.domain,
                   .claimant = claimant_of(options.asker, config),
                   .wait = !options.no_wait,
                   .own_teardown = options.own_teardown},
                  voice_of(loop)};
    const Session session{loop, tenure, false};
    loop.run();
    return 0;
}

int keep(const run::Config& config, const Options& options) {
    ignore_stops();
    event::Loop loop;
    etcd::Client client{loop, keeping_settings(config)};
    Tenure tenure{loop,
                  client,
                  config.lock,
                  options.domain,
                  {.lease = options.lease, .revision = options.revision},
                  voice_of(loop)};
    const Session session{loop, tenure, true};
    loop.run();
    return 0;
}

int join(const run::Config& config, const Options& options) {
    event::Loop loop;
    etcd::Client client{loop, etcd_settings(config)};
    int code = run::exit_code::internal;
    const Tenure tenure{loop,
                        client,
                        config.lock,
                        {.domain = options.domain,
                         .claimant = claimant_of(options.asker, config),
                         .marks = false,
                         .lease = options.lease},
                        [&](const lease::KeeperLine& line) {
                            say(line);
                            if (std::holds_alternative<lease::Held>(line)) {
                                code = 0;
                                loop.stop();
                            } else if (std::holds_alternative<lease::Refused>(line)) {
                                loop.stop();
                            }
                        }};
    loop.run();
    return code;
}

std::shared_ptr<Options> add_options(CLI::App& command) {
    auto options = std::make_shared<Options>();
    command.add_option("--domain", options->domain)->required();
    return options;
}

void add_asker(CLI::App& command, Options& options) {
    command.add_option("--run", options.asker.run)->required();
    command.add_option("--unit", options.asker.unit);
    command.add_option("--user", options.asker.user);
}

}  // namespace

program::Action add_ask(CLI::App& program) {
    CLI::App* command = program.add_subcommand("ask");
    auto options = add_options(*command);
    add_asker(*command, *options);
    command->add_flag("--no-wait", options->no_wait);
    command->add_flag("--supersede", options->asker.supersedes);
    command->add_flag("--own-teardown", options->own_teardown);
    return [options](const run::Config& config, const std::vector<std::string>&) {
        return ask(config, *options);
    };
}

program::Action add_keep(CLI::App& program) {
    CLI::App* command = program.add_subcommand("keep");
    auto options = add_options(*command);
    command->add_option("--lease", options->lease)->required();
    command->add_option("--revision", options->revision)->required();
    return [options](const run::Config& config, const std::vector<std::string>&) {
        return keep(config, *options);
    };
}

program::Action add_join(CLI::App& program) {
    CLI::App* command = program.add_subcommand("join");
    auto options = add_options(*command);
    add_asker(*command, *options);
    command->add_option("--lease", options->lease)->required();
    return [options](const run::Config& config, const std::vector<std::string>&) {
        return join(config, *options);
    };
}

}  // namespace ccci::keeper
