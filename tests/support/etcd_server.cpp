#include "support/etcd_server.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <unistd.h>

#include <cstdlib>
#include <stdexcept>
#include <utility>

#include <nlohmann/json.hpp>

#include "base/files.hpp"
#include "http/client.hpp"
#include "support/readiness.hpp"

namespace ccci::test {

namespace {

// What a member listens for, each on a port of its own.
constexpr int k_clients = 0;
constexpr int k_peers = 1;
constexpr int k_health = 2;
constexpr int k_kinds = 3;

int next_ports(std::size_t members) {
    static int next = 20'000;
    return std::exchange(next, next + static_cast<int>(members) * k_kinds);
}

// One for each process of this host.
std::string own_address() {
    const auto pid = static_cast<unsigned>(::getpid());
    return fmt::format("127.{}.{}.{}", 64 + (pid >> 16 & 0x3fU), pid >> 8 & 0xffU, pid & 0xffU);
}

void run(const std::vector<std::string>& argv, const std::filesystem::path& directory) {
    const base::Output output = base::run_and_capture({.argv = argv, .directory = directory});
    if (!output.status.success()) {
        throw std::runtime_error{fmt::format("{}: {}", fmt::join(argv, " "), output.text)};
    }
}

}  // namespace

bool EtcdServer::is_installed() {
    const char* path = std::getenv("PATH");
    for (const char* program : {"etcd", "etcdctl", "openssl"}) {
        if (!base::find_program(program, path == nullptr ? "" : path)) {
            return false;
        }
    }
    return true;
}

EtcdServer::EtcdServer(Options options)
    : options_{std::move(options)},
      address_{own_address()},
      first_port_{next_ports(options_.members)},
      members_{options_.members} {
    if (options_.tls) {
        make_certificates();
    }
    for (std::size_t i = 0; i < members_.size(); ++i) {
        start(i);
    }
    for (std::size_t i = 0; i < members_.size(); ++i) {
        await(i);
    }
}

EtcdServer::~EtcdServer() {
    for (std::size_t i = 0; i < members_.size(); ++i) {
        kill(i);
    }
}

std::string EtcdServer::url(std::size_t member, int kind) const {
    const bool secure = options_.tls && kind != k_health;
    return fmt::format("{}://{}:{}", secure ? "https" : "http", address_,
                       first_port_ + static_cast<int>(member) * k_kinds + kind);
}

std::string EtcdServer::endpoint(std::size_t member) const {
    return url(member, k_clients);
}

etcd::Settings EtcdServer::settings() const {
    etcd::Settings settings;
    for (std::size_t i = 0; i < members_.size(); ++i) {
        settings.endpoints.push_back(endpoint(i));
    }
    if (options_.tls) {
        settings.ca_file = dir_.path() / "ca.pem";
        settings.cert_file = dir_.path() / "client.pem";
        settings.key_file = dir_.path() / "client.key";
    }
    return settings;
}

std::string EtcdServer::log_of(std::size_t member) const {
    return dir_.path() / fmt::format("log{}", member);
}

void EtcdServer::start(std::size_t member) {
    std::vector<std::string> cluster;
    for (std::size_t i = 0; i < members_.size(); ++i) {
        cluster.push_back(fmt::format("m{}={}", i, url(i, k_peers)));
    }
    // Ten times as quick as usual: an election takes a tenth of a second or two.
    std::vector<std::string> argv{"etcd",
                                  "--name",
                                  fmt::format("m{}", member),
                                  "--data-dir",
                                  dir_.path() / fmt::format("data{}", member),
                                  "--heartbeat-interval",
                                  "20",
                                  "--election-timeout",
                                  "200",
                                  "--listen-client-urls",
                                  url(member, k_clients),
                                  "--advertise-client-urls",
                                  url(member, k_clients),
                                  "--listen-peer-urls",
                                  url(member, k_peers),
                                  "--initial-advertise-peer-urls",
                                  url(member, k_peers),
                                  "--listen-metrics-urls",
                                  url(member, k_health),
                                  "--initial-cluster",
                                  fmt::format("{}", fmt::join(cluster, ","))};
    if (options_.tls) {
        const std::string ca = dir_.path() / "ca.pem";
        const std::string cert = dir_.path() / "server.pem";
        const std::string key = dir_.path() / "server.key";
        for (const std::string prefix : {"--", "--peer-"}) {
            argv.insert(argv.end(), {prefix + "trusted-ca-file", ca, prefix + "cert-file", cert,
                                     prefix + "key-file", key, prefix + "client-cert-auth"});
        }
    }
    argv.insert(argv.end(), options_.arguments.begin(), options_.arguments.end());
    const base::UniqueFd log = base::open_file(log_of(member), O_WRONLY | O_CREAT | O_APPEND, 0600);
    auto started =
        base::spawn({.argv = argv, .out = log.get(), .err = log.get(), .death_signal = SIGKILL});
    if (const auto* failure = std::get_if<base::CannotExecute>(&started)) {
        throw std::runtime_error{failure->reason};
    }
    members_[member].emplace(std::move(std::get<base::Child>(started)));
}

void EtcdServer::await(std::size_t member) const {
    http::Client client{k_patience};
    const bool is_well = eventually([&] {
        try {
            return client.send({.url = url(member, k_health) + "/health"}).status == 200;
        } catch (const http::NoAnswer&) {
            return false;
        }
    });
    if (!is_well) {
        throw std::runtime_error{"etcd does not become healthy:\n" +
                                 base::try_read_file(log_of(member)).value_or("")};
    }
}

void EtcdServer::stop(std::size_t member) const {
    members_[member]->kill(SIGSTOP);
    // The signal is on its way until the kernel says that the process is stopped.
    const std::string stat = fmt::format("/proc/{}/stat", members_[member]->pid());
    if (!eventually([&] {
            return base::try_read_file(stat).value_or("").find(") T ") != std::string::npos;
        })) {
        throw std::runtime_error{"etcd does not stop"};
    }
}

void EtcdServer::resume(std::size_t member) const {
    members_[member]->kill(SIGCONT);
}

void EtcdServer::kill(std::size_t member) {
    if (members_[member]) {
        members_[member]->kill(SIGKILL);
        (void)members_[member]->wait();
        members_[member].reset();
    }
}

void EtcdServer::restart(std::size_t member) {
    start(member);
    await(member);
}

std::string EtcdServer::control(const std::vector<std::string>& arguments,
                                std::size_t member) const {
    std::vector<std::string> argv{"etcdctl", "--endpoints", endpoint(member), "--command-timeout",
                                  "20s"};
    if (options_.tls) {
        const etcd::Settings files = settings();
        argv.insert(argv.end(), {"--cacert", files.ca_file, "--cert", files.cert_file, "--key",
                                 files.key_file});
    }
    argv.insert(argv.end(), arguments.begin(), arguments.end());
    auto environment = base::own_environment();
    base::set_variable(environment, "ETCDCTL_API", "3");
    const base::Output output = base::run_and_capture({.argv = argv, .environment = environment});
    if (!output.status.success()) {
        throw std::runtime_error{fmt::format("{}: {}", fmt::join(argv, " "), output.text)};
    }
    return output.text;
}

std::size_t EtcdServer::leader() const {
    for (std::size_t i = 0; i < members_.size(); ++i) {
        const auto status = nlohmann::json::parse(
            control({"endpoint", "status", "--write-out", "json"}, i))[0]["Status"];
        if (status["leader"] == status["header"]["member_id"]) {
            return i;
        }
    }
    throw std::runtime_error{"no member leads"};
}

void EtcdServer::make_certificates() const {
    const auto make = [&](const std::string& name, std::vector<std::string> more) {
        std::vector<std::string> argv{"openssl",
                                      "req",
                                      "-x509",
                                      "-newkey",
                                      "ec",
                                      "-pkeyopt",
                                      "ec_paramgen_curve:prime256v1",
                                      "-nodes",
                                      "-days",
                                      "2",
                                      "-subj",
                                      "/CN=" + name,
                                      "-keyout",
                                      name + ".key",
                                      "-out",
                                      name + ".pem"};
        argv.insert(argv.end(), more.begin(), more.end());
        run(argv, dir_.path());
    };
    const std::vector<std::string> signed_by_ca{
        "-CA", "ca.pem", "-CAkey", "ca.key", "-addext", "basicConstraints=critical,CA:false"};
    make("ca", {});
    make("stranger", {});  // another authority
    auto server = signed_by_ca;
    server.insert(server.end(), {"-addext", "subjectAltName=IP:" + address_});
    make("server", server);
    make("client", signed_by_ca);
}

}  // namespace ccci::test
