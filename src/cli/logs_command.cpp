#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <memory>
#include <utility>

#include "base/os_error.hpp"
#include "cli/commands.hpp"
#include "cli/find_run.hpp"

namespace ccci::cli {

namespace {

struct LogsOptions {
    std::string run;
    bool follow = false;
    std::string since;
    std::string lines;
    std::string format = "cat";
};

[[noreturn]] void become_journalctl(const std::vector<std::string>& argv) {
    std::vector<char*> pointers;
    for (const std::string& argument : argv) {
        pointers.push_back(const_cast<char*>(argument.c_str()));
    }
    pointers.push_back(nullptr);
    (void)::execvp(pointers[0], pointers.data());
    base::throw_errno(errno, "execute {}", argv[0]);
}

/// The entries of the run, and of nobody who only says so: what begins with '_' is the journal's
/// own word. The fields of a unit (LogExtraFields) are added for the system manager's units only.
std::vector<std::string> matches(const FoundRun& found) {
    const bool user = found.record.manager == "user";
    const std::string writer = fmt::format("_UID={}", user ? found.owner : 0);
    std::vector<std::string> terms{"CC_CI_RUN=" + found.record.run, writer};
    if (user) {
        terms.insert(terms.end(), {"+", "_SYSTEMD_USER_UNIT=" + found.record.unit, writer});
    }
    return terms;
}

int logs(const Context& context, const LogsOptions& options) {
    const FoundRun found = find_run(context.config(), options.run);
    if (::access(found.dir.output_log().c_str(), F_OK) == 0) {
        become_owner(found);
        // No unit carried this run, so no journal has its output.
        std::vector<std::string> argv{"tail", "-n", options.lines.empty() ? "+1" : options.lines};
        if (options.follow) {
            argv.emplace_back("-F");
        }
        argv.push_back(found.dir.output_log());
        become_journalctl(argv);
    }
    std::vector<std::string> argv{"journalctl", "--quiet", "--output", options.format};
    if (options.follow) {
        argv.emplace_back("--follow");
    }
    if (!options.since.empty()) {
        argv.push_back("--since=" + options.since);
    }
    if (!options.lines.empty()) {
        argv.push_back("--lines=" + options.lines);
    } else if (options.follow) {
        argv.emplace_back("--lines=all");
    }
    for (std::string& term : matches(found)) {
        argv.push_back(std::move(term));
    }
    become_journalctl(argv);
}

}  // namespace

Action add_logs(CLI::App& program) {
    auto options = std::make_shared<LogsOptions>();
    CLI::App* command = program.add_subcommand("logs", "What a run printed, from the journal");
    command->add_option("RUN", options->run, "Run id, or the domain of a run")
        ->required()
        ->type_name("");
    command->add_flag("-f,--follow", options->follow, "Go on until interrupted");
    command->add_option("--since", options->since, "As journalctl understands it")
        ->type_name("TIME");
    command->add_option("-n,--lines", options->lines, "Only the last so many lines")
        ->type_name("NUMBER");
    command->add_option("-o,--output", options->format, "As journalctl has them: cat, short, json")
        ->type_name("FORMAT");
    return [options](const Context& context) { return logs(context, *options); };
}

}  // namespace ccci::cli
