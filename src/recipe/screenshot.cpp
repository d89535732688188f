#include "recipe/screenshot.hpp"

#include <fmt/format.h>
#include <sys/stat.h>

#include <cerrno>
#include <exception>
#include <filesystem>
#include <optional>
#include <string_view>
#include <system_error>
#include <utility>

#include "base/duration.hpp"
#include "base/files.hpp"
#include "base/os_error.hpp"
#include "base/process.hpp"
#include "platform/bounded_command.hpp"
#include "recipe/log.hpp"
#include "recipe/stopwatch.hpp"

namespace ccci::recipe {

namespace {

namespace fs = std::filesystem;

constexpr const char* k_name = "screenshot.png";
/// PNG specification, 5.2.
constexpr std::string_view k_png_signature = "\x89PNG\r\n\x1a\n";

/// What the browser keeps goes with it.
class Profile {
public:
    explicit Profile(fs::path path) : path_{std::move(path)} {
        fs::remove_all(path_);
        if (::mkdir(path_.c_str(), 0700) != 0) {
            base::throw_errno(errno, "create directory {}", path_.native());
        }
    }
    Profile(const Profile&) = delete;
    Profile& operator=(const Profile&) = delete;
    ~Profile() {
        std::error_code error;
        fs::remove_all(path_, error);
    }
    [[nodiscard]] const fs::path& path() const { return path_; }

private:
    fs::path path_;
};

base::Command browser(const std::string& command, const std::string& url, const fs::path& profile,
                      const fs::path& picture, const std::vector<std::string>& environment) {
    std::vector<std::string> own{"HOME=" + profile.native(), "LC_ALL=C.UTF-8"};
    if (const auto path = base::find_variable(environment, "PATH")) {
        base::set_variable(own, "PATH", *path);
    }
    return {.argv = {command, "--headless",
                     // Chromium does not run as root with it; what it opens was run as root before.
                     "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
                     "--hide-scrollbars", "--window-size=1280,800",
                     // A run app has a certificate of a staging authority, or none yet.
                     "--ignore-certificate-errors", "--user-data-dir=" + profile.native(),
                     "--screenshot=" + picture.native(), url},
            .environment = own};
}

/// Why there is no picture; nullopt: there is one.
std::optional<std::string> doubt(const std::optional<base::ExitStatus>& status,
                                 const fs::path& picture) {
    if (!status) {
        return "not finished in time";
    }
    if (!status->success()) {
        return base::describe(*status);
    }
    if (!base::try_read_file(picture).value_or("").starts_with(k_png_signature)) {
        return "it has not written a picture";
    }
    return std::nullopt;
}

}  // namespace

std::string take_screenshot(const std::string& command, const std::string& url,
                            const fs::path& run_dir, const std::vector<std::string>& environment,
                            std::chrono::milliseconds limit) {
    const Stopwatch watch;
    const fs::path picture = run_dir / k_name;
    std::optional<std::string> why;
    try {
        const Profile profile{run_dir / "browser"};
        fs::remove(picture);
        const auto status = platform::run_bounded(
            browser(command, url, profile.path(), picture, environment),
            std::chrono::steady_clock::now() + limit, [](std::string_view) {});
        why = doubt(status, picture);
    } catch (const std::exception& error) {
        why = error.what();
    }
    if (why) {
        std::error_code error;
        fs::remove(picture, error);
        log("remark: no screenshot: {}: {}", command, *why);
        return {};
    }
    log("screenshot {} in {}", picture.native(), base::format_duration(watch.elapsed()));
    return k_name;
}

}  // namespace ccci::recipe
