#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "base/process.hpp"
#include "etcd/settings.hpp"
#include "support/temp_dir.hpp"

namespace ccci::test {

/// A real etcd on an address of the loopback that nobody else has: one member, or several. Killed
/// with everything that it has written by the destructor, and by the kernel when the test dies.
class EtcdServer {
public:
    struct Options {
        std::size_t members = 1;
        /// Certificates of its own authority, and it wants one of each client.
        bool tls = false;
        std::vector<std::string> arguments = {};
    };

    /// Whether the programs that this takes are installed; for GTEST_SKIP.
    static bool is_installed();

    /// Returns when each member answers and knows a leader. Throws std::runtime_error.
    EtcdServer() : EtcdServer{Options{}} {}
    explicit EtcdServer(Options options);
    EtcdServer(const EtcdServer&) = delete;
    EtcdServer& operator=(const EtcdServer&) = delete;
    ~EtcdServer();

    [[nodiscard]] std::string endpoint(std::size_t member = 0) const;
    /// All endpoints, the first one first, and with TLS the files.
    [[nodiscard]] etcd::Settings settings() const;
    /// Its certificates and its data.
    [[nodiscard]] const std::filesystem::path& directory() const { return dir_.path(); }

    /// Which member leads.
    [[nodiscard]] std::size_t leader() const;

    void stop(std::size_t member = 0) const;  ///< SIGSTOP
    void resume(std::size_t member = 0) const;
    void kill(std::size_t member = 0);  ///< returns when it is dead
    /// Starts a killed one again, on the data that it has; returns when it answers.
    void restart(std::size_t member = 0);

    /// What etcdctl prints, asking this member. Throws std::runtime_error when it fails.
    std::string control(const std::vector<std::string>& arguments, std::size_t member = 0) const;

private:
    [[nodiscard]] std::string url(std::size_t member, int kind) const;
    [[nodiscard]] std::string log_of(std::size_t member) const;
    void start(std::size_t member);
    void await(std::size_t member) const;
    void make_certificates() const;

    Options options_;
    TempDir dir_;
    std::string address_;
    int first_port_;
    std::vector<std::optional<base::Child>> members_;
};

}  // namespace ccci::test
