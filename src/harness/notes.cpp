#include "harness/notes.hpp"

#include <unistd.h>

#include <system_error>

#include "base/files.hpp"
#include "base/text.hpp"

namespace ccci::harness {

std::string read_note(const std::filesystem::path& file) {
    try {
        const std::string text = base::try_read_file(file, 4096).value_or("");
        return base::printable(base::trim(text.substr(0, text.find('\n'))), 200);
    } catch (const std::system_error&) {
        return "";
    }
}

run::Program teardown_program(const run::Request& request, const run::RunDir& dir) {
    (void)::unlink(dir.teardown_note().c_str());
    run::Program program = *request.teardown;
    std::error_code missing;
    if (!std::filesystem::is_directory(program.directory, missing)) {
        // The CI runner removes its workspace while we are still at work.
        program.directory = request.run_dir;
    }
    return program;
}

}  // namespace ccci::harness
