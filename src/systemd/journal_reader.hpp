#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "event/loop.hpp"

namespace ccci::systemd {

/// Entries of the journal, as far as this process may read it.
class JournalReader {
public:
    /// nullopt when there is no journal, or none that may be read.
    static std::optional<JournalReader> open();

    JournalReader(JournalReader&&) noexcept;
    JournalReader& operator=(JournalReader&&) noexcept;
    JournalReader(const JournalReader&) = delete;
    JournalReader& operator=(const JournalReader&) = delete;
    ~JournalReader();

    /// When the oldest entry was written; nullopt: there is none.
    std::optional<std::chrono::system_clock::time_point> oldest();

    /// Only entries that have all the fields ("CC_CI_RUN=267") of one of these lists.
    void match(const std::vector<std::vector<std::string>>& alternatives);

    /// How many there are; counts no further than to `most`.
    std::uint64_t count(std::uint64_t most);

    /// What the last of them say, the oldest first.
    std::vector<std::string> last_messages(std::size_t most);

    /// After last_messages(): what has come since, at most so many.
    std::vector<std::string> more_messages(std::size_t most);
    /// Calls when there may be more. Throws std::system_error where the journal cannot be watched.
    [[nodiscard]] event::Source follow(event::Loop& loop, std::function<void()> on_more);

private:
    struct Handle;
    [[nodiscard]] std::optional<std::string> message() const;

    explicit JournalReader(std::unique_ptr<Handle> handle);

    std::unique_ptr<Handle> handle_;
};

}  // namespace ccci::systemd
