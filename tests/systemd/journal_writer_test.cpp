#include "systemd/journal_writer.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <map>
#include <string>
#include <vector>

#include "support/temp_dir.hpp"
#include "systemd/journal_entry.hpp"

namespace ccci::systemd {
namespace {

using Entry = std::map<std::string, std::string>;

/// Reads datagrams as the protocol has them, and fails at what it does not allow.
std::vector<Entry> decode(std::string_view datagram) {
    std::vector<Entry> entries(1);
    while (!datagram.empty()) {
        const std::size_t end = datagram.find('\n');
        if (end == std::string_view::npos) {
            ADD_FAILURE() << "no end: " << datagram;
            break;
        }
        const std::string_view line = datagram.substr(0, end);
        datagram.remove_prefix(end + 1);
        const std::size_t equals = line.find('=');
        std::string name{line.substr(0, equals)};
        std::string value;
        if (line.empty()) {
            entries.emplace_back();
            continue;
        }
        if (equals != std::string_view::npos) {
            value = line.substr(equals + 1);
        } else {
            std::size_t size = 0;
            for (std::size_t n = 0; n < 8; ++n) {
                size |= std::size_t{static_cast<unsigned char>(datagram[n])} << (8 * n);
            }
            value = datagram.substr(8, size);
            EXPECT_EQ(datagram.at(8 + size), '\n');
            datagram.remove_prefix(8 + size + 1);
        }
        EXPECT_TRUE(entries.back().emplace(name, value).second) << "twice: " << name;
    }
    EXPECT_TRUE(entries.back().empty()) << "no end";
    entries.pop_back();
    return entries;
}

class JournalWriterTest : public testing::Test {
protected:
    void listen() {
        (void)::unlink(path_.c_str());
        sockaddr_un address{.sun_family = AF_UNIX, .sun_path = {}};
        path_.copy(static_cast<char*>(address.sun_path), sizeof address.sun_path - 1);
        journal_.reset(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
        ASSERT_EQ(
            ::bind(journal_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    }

    /// What lies there now.
    std::vector<Entry> read() {
        std::vector<Entry> entries;
        std::vector<char> buffer(std::size_t{1} << 20);
        for (;;) {
            const ssize_t n = ::recv(journal_.get(), buffer.data(), buffer.size(), 0);
            if (n < 0) {
                return entries;
            }
            largest_ = std::max(largest_, static_cast<std::size_t>(n));
            ++datagrams_;
            for (Entry& entry : decode({buffer.data(), static_cast<std::size_t>(n)})) {
                entries.push_back(std::move(entry));
            }
        }
    }

    static std::string messages(const std::vector<Entry>& entries) {
        std::string text;
        for (const Entry& entry : entries) {
            const auto tier = entry.find("CC_CI_TIER");
            text += (tier == entry.end() ? "-" : tier->second) + ":" + entry.at("MESSAGE") + " ";
        }
        return text;
    }

    test::TempDir dir_;
    std::string path_ = dir_.path() / "socket";
    base::UniqueFd journal_;
    std::size_t largest_ = 0;
    int datagrams_ = 0;
};

using Stream = JournalWriter::Stream;

TEST_F(JournalWriterTest, MakesAnEntryOfEachLine) {
    listen();
    JournalWriter writer{{"CC_CI_RUN=267"}, path_};

    writer.write(Stream::out, "one\ntw");
    writer.write(Stream::err, "of the err");
    writer.write(Stream::out, "o\n");
    writer.write(Stream::err, "ors\nwithout an end");
    writer.add({"MESSAGE=an event", "PRIORITY=4"});
    EXPECT_TRUE(writer.send());
    writer.end_lines();
    EXPECT_TRUE(writer.send());

    const auto entries = read();
    EXPECT_EQ(messages(entries), "-:one -:two -:of the errors -:an event -:without an end ");
    ASSERT_EQ(entries.size(), 5U);
    EXPECT_EQ(entries[0].at("PRIORITY"), "6");
    EXPECT_EQ(entries[3].at("PRIORITY"), "4");
    for (const Entry& entry : entries) {
        EXPECT_EQ(entry.at("CC_CI_RUN"), "267");
        EXPECT_EQ(entry.at("SYSLOG_IDENTIFIER"), "cc-ci");
    }
    EXPECT_EQ(writer.sent(), 5U);
    EXPECT_EQ(writer.entries(), 5U);
    EXPECT_TRUE(writer.is_idle());
}

TEST_F(JournalWriterTest, PassesAllBytesOn) {
    listen();
    JournalWriter writer{{"CC_CI_RUN=267"}, path_};
    std::string every;
    for (int byte = 0; byte < 256; ++byte) {
        every += byte == '\n' ? ' ' : static_cast<char>(byte);
    }

    writer.write(Stream::out, every + "\n\n" + std::string(100'000, 'x') + "\n");
    writer.add({"MESSAGE=two\nlines\nCC_CI_RUN=268"});
    EXPECT_TRUE(writer.send());

    const auto entries = read();
    ASSERT_EQ(entries.size(), 6U);
    EXPECT_EQ(entries[0].at("MESSAGE"), every);
    EXPECT_EQ(entries[1].at("MESSAGE"), "");
    EXPECT_EQ(entries[2].at("MESSAGE").size(), k_longest_line);
    EXPECT_EQ(entries[3].at("MESSAGE").size(), k_longest_line);
    EXPECT_EQ(entries[4].at("MESSAGE").size(), 100'000 - 2 * k_longest_line);
    EXPECT_EQ(entries[5].at("MESSAGE"), "two\nlines\nCC_CI_RUN=268");
    EXPECT_EQ(entries[5].at("CC_CI_RUN"), "267");
    EXPECT_EQ(writer.entries(), 6U);
    EXPECT_LT(largest_, std::size_t{96} << 10);
}

TEST_F(JournalWriterTest, WaitsForASlowJournalAndLosesNothing) {
    listen();
    JournalWriter writer{{"CC_CI_RUN=267"}, path_};
    std::string text;
    for (int line = 0; line < 50'000; ++line) {
        text += std::to_string(line) + "\n";
    }

    writer.write(Stream::out, text);
    std::vector<Entry> entries;
    int rounds = 0;
    for (; !writer.send(); ++rounds) {
        EXPECT_TRUE(writer.is_unread());
        EXPECT_LE(writer.pending(), text.size() + (std::size_t{96} << 10));
        for (Entry& entry : read()) {
            entries.push_back(std::move(entry));
        }
    }
    for (Entry& entry : read()) {
        entries.push_back(std::move(entry));
    }

    EXPECT_GT(rounds, 2);
    EXPECT_EQ(datagrams_, 50'000) << "systemd 257 keeps only the first entry of each";
    EXPECT_FALSE(writer.is_unread());
    ASSERT_EQ(entries.size(), 50'000U);
    for (int line = 0; line < 50'000; ++line) {
        ASSERT_EQ(entries[static_cast<std::size_t>(line)].at("MESSAGE"), std::to_string(line));
    }
}

TEST_F(JournalWriterTest, FindsTheJournalAgain) {
    JournalWriter writer{{}, path_};
    writer.write(Stream::out, "nobody listens\n");
    EXPECT_TRUE(writer.send());
    EXPECT_EQ(writer.sent(), 0U);

    listen();
    writer.write(Stream::out, "one\n");
    EXPECT_TRUE(writer.send());
    EXPECT_EQ(messages(read()), "-:one ");

    listen();
    writer.write(Stream::out, "two\n");
    EXPECT_TRUE(writer.send());
    EXPECT_EQ(messages(read()), "-:two ");
    EXPECT_EQ(writer.sent(), 2U);
}

TEST_F(JournalWriterTest, ChangesTheTierAtItsHeading) {
    listen();
    JournalWriter writer{{}, path_};

    writer.expect_tier("install", {"MESSAGE=phase install"});
    writer.write(Stream::out, "before\n== ins");
    writer.write(Stream::err, "== install ==\n");
    writer.write(Stream::out, "tall ==\nin it\n");
    writer.settle_tiers();
    writer.write(Stream::out, "== install ==\nlater\n");
    EXPECT_TRUE(writer.send());

    EXPECT_EQ(messages(read()),
              "-:before -:== install == install:phase install install:== install == "
              "install:in it install:== install == install:later ");
}

TEST_F(JournalWriterTest, TakesAHeadingWithATimeForOne) {
    listen();
    JournalWriter writer{{}, path_};

    writer.expect_tier("install", {"MESSAGE=phase install"});
    writer.write(Stream::out, "== install ==!\n== install == 09:22:30\n");
    EXPECT_TRUE(writer.send());

    EXPECT_EQ(messages(read()),
              "-:== install ==! install:phase install install:== install == 09:22:30 ");
}

TEST_F(JournalWriterTest, ChangesTheTierWithoutAHeadingWhenItIsSettled) {
    listen();
    JournalWriter writer{{}, path_};

    writer.expect_tier("a", {"MESSAGE=phase a"});
    writer.write(Stream::out, "1\n== b ==\n");
    writer.settle_tiers();
    writer.write(Stream::out, "2\n");
    EXPECT_TRUE(writer.send());

    EXPECT_EQ(messages(read()), "-:1 -:== b == a:phase a a:2 ");
}

TEST_F(JournalWriterTest, PassesThroughTiersThatWereTooQuickForIt) {
    listen();
    JournalWriter writer{{}, path_};

    for (const char* tier : {"a", "b", "c", "d"}) {
        writer.expect_tier(tier, {std::string{"MESSAGE=phase "} + tier});
    }
    writer.write(Stream::out, "0\n== a ==\n1\n== c ==\n3\n");
    writer.settle_tiers();
    writer.write(Stream::out, "== d ==\n");
    EXPECT_TRUE(writer.send());

    EXPECT_EQ(messages(read()),
              "-:0 a:phase a a:== a == a:1 b:phase b c:phase c c:== c == c:3 d:phase d d:== d == ");
}

}  // namespace
}  // namespace ccci::systemd
