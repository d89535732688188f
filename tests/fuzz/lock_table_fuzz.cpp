#include "fuzz/fuzz.hpp"
#include "locks/lock_queue.hpp"

// What the kernel says of locks. Never an exception; nobody waits for a file that is not locked.

namespace ccci::fuzz {

void check(std::string_view input) {
    for (const locks::LockQueue& queue : locks::parse_lock_table(std::string{input})) {
        require(!queue.file.empty(), "a file", input);
        for (const pid_t pid : queue.waiters) {
            require(pid >= 0, "a process", input);
        }
    }
    if (const auto file = locks::locked_file(std::string{input})) {
        require(!file->empty(), "a file", input);
    }
}

}  // namespace ccci::fuzz
