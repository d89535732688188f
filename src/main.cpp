#include "cli/commands.hpp"

int main(int argc, char** argv) {
    return ccci::cli::main(argc, argv);
}
