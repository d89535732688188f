#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "base/unique_fd.hpp"
#include "systemd/line_splitter.hpp"

namespace ccci::systemd {

/// What a program and its guard say, as entries of the journal: a line an entry, in order with the
/// guard's own entries. Never blocks: what the journal does not take yet waits here.
///
/// Each entry is a datagram, over one connected socket, whose other end PID 1 keeps through a
/// restart of the journal. Where no journal listens, everything is dropped; also what is
/// larger than the kernel lets a datagram be, which takes a net.core.wmem_default below 96 KiB.
class JournalWriter {
public:
    /// What a program writes to; each is cut into lines by itself.
    enum class Stream { out, err };

    /// `fields` ("CC_CI_RUN=267") are in every entry. A field that the unit adds as well
    /// (LogExtraFields=) has one value all the same, if the two are equal: the journal keeps equal
    /// ones once. That they are here, too, is for the entries of a writer that is gone before the
    /// journal gets to them, and of whom it then knows nothing (systemd issue 2913).
    explicit JournalWriter(const std::vector<std::string>& fields,
                           const std::string& socket = "/run/systemd/journal/socket");

    void write(Stream stream, std::string_view bytes);
    /// What has no line end by now gets none: it is a line.
    void end_lines();
    /// One entry. At most 16 KiB of each value are kept.
    void add(const std::vector<std::string>& fields);

    /// From here on entries have CC_CI_TIER=`tier`. The change is at the line of `out` that begins
    /// with "== tier ==" if that comes before settle_tiers(), and else there; its `fields` are an
    /// entry of its own.
    void expect_tier(const std::string& tier, const std::vector<std::string>& fields);
    void settle_tiers();

    /// Hands on what the journal takes now. True: nothing is left. False: as much as it took, and
    /// fd() becomes writable when there is room.
    bool send();

    [[nodiscard]] int fd() const { return fd_.get(); }
    /// Bytes that wait, as they were written, but for what is packed already.
    [[nodiscard]] std::size_t pending() const { return pending_ + packed_.size() - begin_; }
    [[nodiscard]] bool is_idle() const { return items_.empty() && sizes_.empty(); }
    /// How many entries it is, what was written so far, lines without an end not counted.
    [[nodiscard]] std::uint64_t entries() const { return entries_; }
    /// How many of them the journal has been handed.
    [[nodiscard]] std::uint64_t sent() const { return sent_; }
    /// Whether something lies in the socket that the journal has not read.
    [[nodiscard]] bool is_unread() const;

private:
    enum class Kind { out, err, end, entry, expect, settle };
    struct Item {
        Kind kind;
        std::string text;       ///< bytes of a program, or an encoded entry
        std::string tier = {};  ///< of `expect`
    };
    struct Expected {
        std::string tier;
        std::string heading;
        std::string entry;
    };

    void push(Item item);
    void count_lines(std::size_t& open, std::string_view bytes);
    void pack();
    void take(Item& item);
    void take_lines(Kind kind, std::string& text);
    void add_line(std::string_view line);
    void add_entry(std::string_view fields);
    void begin_tiers(std::size_t count);
    /// False: nobody listens.
    bool connect();

    std::string socket_;
    base::UniqueFd fd_;
    bool connected_ = false;
    std::deque<Item> items_;
    std::size_t taken_ = 0;  ///< bytes of the first item that are packed already
    std::size_t pending_ = 0;
    std::string packed_;             ///< entries, one after the other
    std::deque<std::size_t> sizes_;  ///< of those that are not sent
    std::size_t begin_ = 0;          ///< of the first of them
    std::size_t entry_end_ = 0;      ///< of the last of them
    std::uint64_t sent_ = 0;
    std::uint64_t entries_ = 0;
    std::size_t open_out_ = 0;  ///< bytes without a line end yet
    std::size_t open_err_ = 0;
    std::string common_;  ///< fields of every entry
    std::string tier_;    ///< the field, or nothing
    std::vector<Expected> expected_;
    LineSplitter out_;
    LineSplitter err_;
};

/// "NAME=value" each, in the form of the native protocol.
std::string encode_fields(const std::vector<std::string>& fields);

}  // namespace ccci::systemd
