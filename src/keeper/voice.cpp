#include "keeper/voice.hpp"

#include <unistd.h>

namespace ccci::keeper {

void say(const lease::KeeperLine& line) {
    const std::string text = encode(line);
    // One call: a line is shorter than what a pipe takes as a whole (pipe(7), PIPE_BUF).
    (void)::write(STDOUT_FILENO, text.data(), text.size());
}

}  // namespace ccci::keeper
