#include <fmt/format.h>
#include <signal.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <memory>
#include <optional>
#include <regex>
#include <stdexcept>
#include <utility>
#include <variant>
#include <vector>

#include "base/os_error.hpp"
#include "base/process.hpp"
#include "base/text.hpp"
#include "cli/commands.hpp"
#include "cli/find_run.hpp"
#include "cli/follow_journal.hpp"
#include "cli/print.hpp"
#include "event/loop.hpp"
#include "inspect/run_journal.hpp"
#include "inspect/run_watch.hpp"
#include "run/usage_error.hpp"
#include "systemd/journal_events.hpp"

namespace ccci::cli {

namespace {

struct LogsOptions {
    std::string run;
    bool follow = false;
    std::string since;
    std::string lines;
    std::string format = "cat";
    std::string tier;
    bool events = false;
};

[[noreturn]] void become_program(const std::vector<std::string>& argv) {
    std::vector<char*> pointers;
    for (const std::string& argument : argv) {
        pointers.push_back(const_cast<char*>(argument.c_str()));
    }
    pointers.push_back(nullptr);
    (void)::execvp(pointers[0], pointers.data());
    base::throw_errno(errno, "execute {}", argv[0]);
}

/// The entries of the run, and of nobody who only says so: what begins with '_' is the journal's
/// own word. What a unit of a user's manager says by itself has no fields of ours.
std::vector<std::string> matches(const inspect::FoundRun& found, const LogsOptions& options) {
    const bool user = found.record.manager == "user";
    const std::string writer = fmt::format("_UID={}", user ? found.owner : 0);
    std::vector<std::string> terms{"CC_CI_RUN=" + found.record.run, writer};
    if (!options.tier.empty()) {
        terms.push_back("CC_CI_TIER=" + options.tier);
    }
    if (options.events) {
        for (const systemd::EventKind& kind : systemd::k_event_kinds) {
            terms.push_back(fmt::format("CC_CI_EVENT={}", kind.name));
        }
    }
    if (user && options.tier.empty() && !options.events) {
        terms.insert(terms.end(), {"+", "_SYSTEMD_USER_UNIT=" + found.record.unit, writer});
    }
    return terms;
}

std::string check_tier(const std::string& tier) {
    static const std::regex pattern{"[a-z0-9-]{1,32}|clean slate"};
    if (!std::regex_match(tier, pattern)) {
        throw run::UsageError{fmt::format(
            "--tier: want the name of a tier such as install, not '{}'", base::printable(tier))};
    }
    return tier;
}

/// No service carried this run, so no journal has its output, but a file.
int show_file(const inspect::FoundRun& found, const LogsOptions& options) {
    for (const auto& [given, option] : {std::pair{!options.since.empty(), "--since"},
                                        {!options.tier.empty(), "--tier"},
                                        {options.events, "--events"},
                                        {options.format != "cat", "--output"}}) {
        if (given) {
            throw run::UsageError{
                fmt::format("{}: run {} has no entries in the journal, but a file of lines", option,
                            found.record.run)};
        }
    }
    become_owner(found);
    // What is not there yet is all to come, however few lines of what was are wanted.
    const bool begun = ::access(found.dir.output_log().c_str(), F_OK) == 0;
    std::vector<std::string> argv{"tail", "-n",
                                  options.lines.empty() || !begun ? "+1" : options.lines};
    if (options.follow) {
        // It has come to its harness, or is over; tail ends with that process.
        event::Loop loop;
        std::optional<run::ProcessId> harness;
        const inspect::RunWatch watch{
            loop, found,
            [&](const run::Record& record) {
                harness = record.harness;
                if (harness && ::access(found.dir.output_log().c_str(), F_OK) == 0) {
                    loop.stop();
                }
            },
            [&] { loop.stop(); }};
        loop.run();
        if (harness && harness->is_alive()) {
            argv.insert(argv.end(), {"-f", fmt::format("--pid={}", harness->pid)});
        }
    }
    if (::access(found.dir.output_log().c_str(), F_OK) != 0) {
        return 0;  // it never came to run
    }
    argv.push_back(found.dir.output_log());
    become_program(argv);
}

/// What to say of a run that is over when the journal has not kept all of it.
std::optional<std::string> loss_of(const inspect::FoundRun& found) {
    const run::Record& record = found.record;
    // While the harness lives, the journal may not have taken everything in yet.
    if (record.state != run::State::ended || !record.journal_lines ||
        (record.harness && record.harness->is_alive())) {
        return std::nullopt;
    }
    const auto said = record.journal_lines;
    const auto kept = inspect::RunJournal{found}.found();
    if (!kept || *kept >= *said) {
        return std::nullopt;
    }
    return fmt::format("the journal has lost {} of {} lines of this run (rate limit of journald)",
                       *said - *kept, *said);
}

/// For the one line that is to follow.
int wait_for_program(const std::vector<std::string>& argv) {
    // A pager has Ctrl-C for itself, and we must not go before it.
    (void)::signal(SIGINT, SIG_IGN);
    auto started = base::spawn({.argv = argv, .death_signal = SIGTERM});
    if (const auto* failure = std::get_if<base::CannotExecute>(&started)) {
        throw std::runtime_error{failure->reason};
    }
    return std::get<base::Child>(started).wait().shell_code();
}

int logs(const Context& context, const LogsOptions& options) {
    const inspect::FoundRun found = find_run(context.config(), options.run);
    if (!options.tier.empty()) {
        (void)check_tier(options.tier);
    }
    if (!found.record.unit.ends_with(".service")) {
        return show_file(found, options);
    }
    std::vector<std::string> argv{"--quiet", "--output", options.format};
    std::vector<std::string> first;
    if (!options.since.empty()) {
        first.push_back("--since=" + options.since);
    }
    if (!options.lines.empty()) {
        first.push_back("--lines=" + options.lines);
    }
    const std::vector<std::string> terms = matches(found, options);
    const bool whole = first.empty() && options.tier.empty() && !options.events;
    if (options.follow) {
        const int code = follow_journal(found, argv, first, terms);
        const auto loss = whole && code == 0 ? loss_of(find_run(context.config(), found.record.run))
                                             : std::nullopt;
        if (loss) {
            print(stderr, "cc-ci: {}\n", *loss);
        }
        return code;
    }
    argv.insert(argv.begin(), "journalctl");
    argv.insert(argv.end(), first.begin(), first.end());
    argv.insert(argv.end(), terms.begin(), terms.end());
    if (const auto loss = whole ? loss_of(found) : std::nullopt) {
        const int code = wait_for_program(argv);
        print(stderr, "cc-ci: {}\n", *loss);
        return code;
    }
    become_program(argv);
}

}  // namespace

Action add_logs(CLI::App& program) {
    auto options = std::make_shared<LogsOptions>();
    CLI::App* command = program.add_subcommand("logs");
    command->add_option("RUN", options->run)->required()->type_name("");
    command->add_flag("-f,--follow", options->follow);
    command->add_option("--since", options->since)->type_name("TIME");
    command->add_option("-n,--lines", options->lines)->type_name("NUMBER");
    command->add_option("-o,--output", options->format)->type_name("FORMAT");
    command->add_option("--tier", options->tier)->type_name("TIER");
    command->add_flag("--events", options->events);
    return [options](const Context& context) { return logs(context, *options); };
}

}  // namespace ccci::cli
