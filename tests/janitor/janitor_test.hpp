#pragma once

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>
#include <map>
#include <memory>
#include <set>

#include "janitor/janitor.hpp"
#include "locks/domain_lock.hpp"
#include "support/fake_platform.hpp"
#include "support/forked_child.hpp"
#include "support/temp_dir.hpp"

namespace ccci::janitor {

namespace fs = std::filesystem;

inline constexpr const char* k_a = "a-000000.ci.example.net";
inline constexpr const char* k_b = "b-000000.ci.example.net";
inline constexpr const char* k_c = "c-000000.ci.example.net";

/// Passes over a real lock directory and apps that are files.
class JanitorTest : public testing::Test {
protected:
    JanitorTest() {
        fs::create_directory(locks_);
        config_.lock_dir = locks_;
        config_.run_app_pattern = run::RunAppPattern::for_base_domain("ci.example.net");
        config_.deadline = std::chrono::hours{1};
        config_.teardown_budget = std::chrono::minutes{10};
    }

    Pass pass(const Options& options = {}) {
        told_.clear();
        return make_pass(config_, &platform_, options,
                         [&](const Outcome& outcome) { told_.push_back(outcome.action.domain); });
    }

    /// The outcomes by domain.
    static std::map<std::string, Outcome> by_domain(const Pass& pass) {
        std::map<std::string, Outcome> result;
        for (const Outcome& outcome : pass.outcomes) {
            result.emplace(outcome.action.domain, outcome);
        }
        return result;
    }

    fs::path lock_file(const std::string& domain) const { return locks::lock_path(locks_, domain); }

    /// As a crashed run leaves it.
    void leave_lock_file(const std::string& domain) const {
        std::ofstream{lock_file(domain)} << "{\n";
        (void)::chmod(lock_file(domain).c_str(), 0600);
    }

    std::variant<locks::DomainLock, locks::Busy> acquire(const std::string& domain) const {
        return locks::DomainLock::try_acquire(locks_, domain);
    }

    bool is_held(const std::string& domain) const {
        return std::holds_alternative<locks::Busy>(acquire(domain));
    }

    /// What a live run does; keeps the lock as long as the result lives.
    std::unique_ptr<test::ForkedChild> run_of(
        const std::string& domain,
        std::chrono::system_clock::time_point since = std::chrono::system_clock::now()) {
        std::optional<locks::DomainLock> lock;
        return std::make_unique<test::ForkedChild>([&, domain, since] {
            lock = std::get<locks::DomainLock>(acquire(domain));
            lock->write_holder({.run = "290",
                                .unit = "cc-ci-run-290.service",
                                .invocation = "",
                                .user = "root",
                                .since = since,
                                .until = std::nullopt});
        });
    }

    std::set<std::string> files_in_lock_dir() const {
        std::set<std::string> result;
        for (const auto& entry : fs::directory_iterator{locks_}) {
            result.insert(entry.path().filename());
        }
        return result;
    }

    using Names = std::vector<std::string>;

    test::TempDir dir_;
    fs::path locks_ = dir_.path() / "locks";
    test::FakePlatform platform_{dir_.path() / "platform"};
    run::Config config_;
    Names told_;
};

}  // namespace ccci::janitor
