#include "program/main.hpp"
#include "keeper/commands.hpp"

// What speaks to etcd for a run: nobody calls it by hand, and where domains are locked for one host
// only, nobody calls it at all.

namespace {

namespace keeper = ccci::keeper;

ccci::program::Actions add_commands(CLI::App& program) {
    return {{"ask", keeper::add_ask(program)},
            {"keep", keeper::add_keep(program)},
            {"join", keeper::add_join(program)},
            {"with", keeper::add_with(program)},
            {"list", keeper::add_list(program)}};
}

}  // namespace

int main(int argc, char** argv) {
    return ccci::program::main(argc, argv, "cc-ci-keeper", &add_commands);
}
