#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include "base/process.hpp"
#include "base/text.hpp"
#include "cli/commands.hpp"
#include "cli/print.hpp"
#include "cli/program.hpp"
#include "cli/suggest.hpp"
#include "run/usage_error.hpp"
#include "run/verdict.hpp"

namespace ccci::cli {

namespace {

/// A descriptor 0, 1 or 2 that is closed would be given to the next file that is opened, and what
/// is meant for stderr would go there.
void open_standard_descriptors() {
    for (int fd = 0; fd < 3; ++fd) {
        if (::fcntl(fd, F_GETFD) == -1) {
            (void)!::open("/dev/null", O_RDWR);  // takes the lowest number: this one; NOLINT
        }
    }
}

void complain(const std::string& text) {
    // One line, whatever went wrong.
    print(stderr, "cc-ci: {}\n", base::printable(text, 1000));
}

}  // namespace

int main(int argc, char** argv) {
    Context context;
    context.parent_at_start = ::getppid();
    open_standard_descriptors();
    (void)::signal(SIGPIPE, SIG_IGN);

    std::vector<std::string> arguments{argv + 1, argv + argc};
    if (const auto dashes = std::find(arguments.begin(), arguments.end(), "--");
        dashes != arguments.end()) {
        context.has_dashes = true;
        context.after_dashes.assign(dashes + 1, arguments.end());
        arguments.erase(dashes, arguments.end());
    }

    Program program{arguments};
    try {
        std::reverse(arguments.begin(), arguments.end());  // as CLI11 wants it
        program.parser().parse(arguments);
        context.config_file = program.config_file();
        context.environment = base::own_environment();
        return program.act(context);
    } catch (const CLI::CallForHelp&) {
        program.print_help(base::own_environment());
        return 0;
    } catch (const CLI::Success& success) {
        return program.parser().exit(success);  // --version
    } catch (const CLI::ParseError& error) {
        // The parser of this call may have the one command alone that was named.
        const std::string unexpected = explain_unexpected(program.parser(), Program{{}}.parser());
        complain(unexpected.empty() ? error.what() : unexpected);
        return run::exit_code::usage;
    } catch (const run::UsageError& error) {
        complain(error.what());
        return run::exit_code::usage;
    } catch (const std::exception& error) {
        complain(error.what());
        return run::exit_code::internal;
    }
}

}  // namespace ccci::cli
