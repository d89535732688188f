#include <fcntl.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <unistd.h>

#include <cerrno>
#include <stdexcept>

#include "base/files.hpp"
#include "base/os_error.hpp"
#include "base/process.hpp"
#include "etcd/asking.hpp"
#include "etcd/heard.hpp"

namespace ccci::etcd {
namespace {

using namespace std::chrono_literals;
using Kind = Failure::Kind;

/// A network of its own for this process and its children, and the way back.
class OwnNetwork {
public:
    OwnNetwork() : before_{base::open_file("/proc/self/ns/net", O_RDONLY)} {
        if (::unshare(CLONE_NEWNET) != 0) {
            base::throw_errno(errno, "make a network namespace");
        }
        set("up");
    }
    OwnNetwork(const OwnNetwork&) = delete;
    OwnNetwork& operator=(const OwnNetwork&) = delete;
    ~OwnNetwork() { (void)::setns(before_.get(), CLONE_NEWNET); }

    void cut() { set("down"); }
    void heal() { set("up"); }

private:
    static void set(const std::string& state) {
        const auto output = base::run_and_capture({.argv = {"ip", "link", "set", "lo", state}});
        if (!output.status.success()) {
            throw std::runtime_error{"ip link set lo " + state + ": " + output.text};
        }
    }

    base::UniqueFd before_;
};

// Nothing says that a connection is gone where no packet comes through any more. Nothing is asked
// for here while it waits, so it is TCP that notices.
TEST(EtcdSilenceTest, EndsAWatchThatIsCutOffAndStandsAgainWhenTheNetworkDoes) {
    if (!test::EtcdServer::is_installed()) {
        GTEST_SKIP() << "needs etcd, etcdctl and openssl";
    }
    if (::geteuid() != 0) {
        GTEST_SKIP() << "needs root, for a network of its own";
    }
    OwnNetwork network;
    const test::EtcdServer server;
    Asking etcd{server.settings()};
    Heard heard;
    const Watch watch = etcd.client.watch(Keys::one("/a"), 1, heard.on_events(), heard.on_end());
    ASSERT_TRUE(etcd.turn_until([&] { return heard.stands; }));

    network.cut();

    ASSERT_TRUE(etcd.turn_until([&] { return heard.end.has_value(); }));
    EXPECT_EQ(heard.end->kind, Kind::unreachable);
    EXPECT_EQ(std::get<Failure>(etcd.put("/a", "1")).kind, Kind::unreachable);
    network.heal();
    ASSERT_TRUE(std::holds_alternative<TransactionAnswer>(etcd.put("/a", "2")));
    Heard again;
    const Watch second = etcd.client.watch(Keys::one("/a"), 1, again.on_events(), again.on_end());
    EXPECT_TRUE(etcd.turn_until([&] { return !again.events.empty(); }));
}

}  // namespace
}  // namespace ccci::etcd
