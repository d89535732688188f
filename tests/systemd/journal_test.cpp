#include "systemd/journal.hpp"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <string>

#include "support/forked_child.hpp"
#include "support/temp_dir.hpp"

namespace ccci::systemd {
namespace {

base::UniqueFd listen_at(const std::string& path) {
    sockaddr_un address{.sun_family = AF_UNIX, .sun_path = {}};
    path.copy(static_cast<char*>(address.sun_path), sizeof address.sun_path - 1);
    base::UniqueFd fd{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    EXPECT_EQ(::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    EXPECT_EQ(::listen(fd.get(), 16), 0);
    return fd;
}

TEST(JournalStreamTest, IsNoneWhereNoJournalListens) {
    const test::TempDir dir;

    EXPECT_FALSE(open_journal_stream("cc-ci", "", (dir.path() / "stdout").native()));
}

// A journal that is restarted drops who has just connected, and its socket stays. Without the
// second attempt one in a few of these throws.
TEST(JournalStreamTest, OutlivesARestartOfTheJournal) {
    (void)::signal(SIGPIPE, SIG_IGN);
    const test::TempDir dir;
    const std::string path = (dir.path() / "stdout").native();
    const base::UniqueFd listening = listen_at(path);
    const test::BackgroundChild journal{[&]() -> int {
        for (;;) {
            (void)::close(::accept(listening.get(), nullptr, nullptr));
        }
    }};

    for (int n = 0; n < 2000; ++n) {
        ASSERT_NO_THROW((void)open_journal_stream("cc-ci", "", path));
    }
}

}  // namespace
}  // namespace ccci::systemd
