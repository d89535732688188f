#pragma once

#include <fcntl.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <stdexcept>
#include <string>
#include <vector>

#include "base/files.hpp"
#include "base/text.hpp"
#include "platform/platform.hpp"

namespace ccci::test {

/// A platform whose apps are the files of a directory, so that several processes share it. It keeps
/// a log of its teardowns, and of any two of one domain at once.
class FakePlatform : public platform::Platform {
public:
    explicit FakePlatform(std::filesystem::path directory) : directory_{std::move(directory)} {
        std::filesystem::create_directories(apps());
    }

    void deploy(const std::string& domain) const { std::ofstream{apps() / domain} << "app"; }
    [[nodiscard]] bool exists(const std::string& domain) const {
        return std::filesystem::exists(apps() / domain);
    }

    /// The domains of all teardowns that removed something, in order.
    [[nodiscard]] std::vector<std::string> torn_down() const {
        std::vector<std::string> lines =
            base::split(base::try_read_file(directory_ / "log").value_or(""), '\n');
        lines.pop_back();
        return lines;
    }

    /// Called within a teardown, before anything is removed.
    std::function<void(const std::string& domain)> on_teardown = [](const std::string&) {};
    /// Called at the end of list().
    std::function<void()> on_list = [] {};
    /// What a teardown cannot remove.
    std::string stuck;
    /// Where a teardown fails altogether.
    std::string broken;
    /// A teardown was asked for what its time is up for.
    std::chrono::steady_clock::time_point last_until;
    bool unreachable = false;
    /// A platform that does not care for the pattern.
    bool lists_everything = false;

    std::vector<platform::App> list(const run::RunAppPattern& pattern) override {
        if (unreachable) {
            throw std::runtime_error{"the platform is down"};
        }
        std::vector<platform::App> result;
        for (const auto& entry : std::filesystem::directory_iterator{apps()}) {
            const std::string domain = entry.path().filename();
            if (lists_everything || pattern.matches(domain)) {
                result.push_back({domain, "1 service"});
            }
        }
        on_list();
        return result;
    }

    platform::TeardownReport teardown(const std::string& domain,
                                      std::chrono::steady_clock::time_point until) override {
        last_until = until;
        const auto marker = directory_ / ("tearing-down-" + domain);
        const base::UniqueFd alone = base::open_file(marker, O_WRONLY | O_CREAT | O_EXCL, 0600);
        on_teardown(domain);
        std::filesystem::remove(marker);
        if (domain == broken) {
            throw std::runtime_error{"the engine said no"};
        }
        if (domain == stuck) {
            return {.removed = {}, .left = {"volume data: in use"}, .took = {}};
        }
        if (!std::filesystem::remove(apps() / domain)) {
            return {};
        }
        const base::UniqueFd log =
            base::open_file(directory_ / "log", O_WRONLY | O_CREAT | O_APPEND, 0600);
        base::write_all(log.get(), domain + "\n", "log");
        return {.removed = {{"service", 1}}, .left = {}, .took = {}};
    }

private:
    [[nodiscard]] std::filesystem::path apps() const { return directory_ / "apps"; }

    std::filesystem::path directory_;
};

}  // namespace ccci::test
