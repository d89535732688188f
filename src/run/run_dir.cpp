#include "run/run_dir.hpp"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "base/files.hpp"
#include "base/os_error.hpp"
#include "base/text.hpp"

namespace ccci::run {

namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr const char* k_record = "run.json";
constexpr const char* k_request = "request";
constexpr const char* k_stop_order = "stop";

/// A path may be as long as somebody's environment; the reason comes after it.
std::string shown(const fs::path& path) {
    return base::printable(path.native(), 200);
}

/// Whoever can rename a run directory can put another in its place, and ExecStopPost executes what
/// the request in it says, as the run's user.
void check_runs_dir(const fs::path& runs) {
    struct stat info {};
    if (::stat(runs.c_str(), &info) != 0 || !S_ISDIR(info.st_mode)) {
        return;  // to make a directory in it fails, and says why
    }
    if (info.st_uid != 0 && info.st_uid != ::geteuid()) {
        throw std::runtime_error{
            fmt::format("runs directory {} belongs to uid {}, who could replace the files of this "
                        "run: make it root's, for a group, with the sticky bit",
                        shown(runs), info.st_uid)};
    }
    if ((info.st_mode & 022) != 0 && (info.st_mode & S_ISVTX) == 0) {
        throw std::runtime_error{fmt::format(
            "runs directory {} is writable by others without the sticky bit: chmod +t it",
            shown(runs))};
    }
}

template <typename Predicate>
std::vector<RunDir> all_that(const fs::path& runs, Predicate predicate) {
    std::vector<RunDir> result;
    std::error_code error;
    for (const fs::directory_entry& entry : fs::directory_iterator{runs, error}) {
        RunDir dir = RunDir::open(entry.path());
        if (predicate(dir)) {
            result.push_back(std::move(dir));
        }
    }
    std::sort(result.begin(), result.end(),
              [](const RunDir& a, const RunDir& b) { return a.path() < b.path(); });
    return result;
}

}  // namespace

RunDir RunDir::create(const fs::path& runs, const std::string& wanted_id) {
    // Only the last part is made: a path that is wrong higher up is the operator's to mend.
    if (::mkdir(runs.c_str(), 0755) != 0 && errno != EEXIST) {
        base::throw_errno(errno, "create runs directory {}", shown(runs));
    }
    check_runs_dir(runs);
    for (int suffix = 1;; ++suffix) {
        fs::path path = runs / (suffix == 1 ? wanted_id : fmt::format("{}-{}", wanted_id, suffix));
        if (::mkdir(path.c_str(), 0755) == 0) {
            return RunDir{std::move(path)};
        }
        if (errno != EEXIST) {
            base::throw_errno(errno, "create run directory {}", shown(path));
        }
    }
}

RunDir RunDir::open(fs::path path) {
    return RunDir{std::move(path)};
}

std::optional<uid_t> RunDir::owner() const {
    struct stat info {};
    if (::lstat(path_.c_str(), &info) != 0 || !S_ISDIR(info.st_mode) || (info.st_mode & 022) != 0) {
        return std::nullopt;
    }
    return info.st_uid;
}

bool RunDir::is_ours() const {
    const std::optional<uid_t> whose = owner();
    return whose == 0U || whose == ::geteuid();
}

std::optional<uid_t> RunDir::visible_owner() const {
    const std::optional<uid_t> whose = owner();
    const uid_t self = ::geteuid();
    return self == 0 || whose == 0U || whose == self ? whose : std::nullopt;
}

std::vector<RunDir> RunDir::all(const fs::path& runs) {
    return all_that(runs, [](const RunDir& dir) { return dir.is_ours(); });
}

std::vector<RunDir> RunDir::all_visible(const fs::path& runs) {
    return all_that(runs, [](const RunDir& dir) { return dir.is_visible(); });
}

void RunDir::write(const Record& record) const {
    const json whole = record;
    // Labels come from users: bytes that are no UTF-8 must not make the record impossible to write.
    const std::string text = whole.dump(2, ' ', false, json::error_handler_t::replace);
    base::write_file_atomically(path_ / k_record, text + "\n", 0644);
}

bool RunDir::try_write(const Record& record) const noexcept {
    try {
        write(record);
        return true;
    } catch (...) {
        return false;
    }
}

std::optional<Record> RunDir::read() const {
    const std::optional<std::string> text = read_text();
    return text ? parse(*text) : std::nullopt;
}

std::optional<std::string> RunDir::read_text() const {
    try {
        return base::try_read_file(path_ / k_record);
    } catch (const std::exception&) {
        return std::nullopt;
    }
}

std::optional<Record> RunDir::parse(const std::string& text) {
    try {
        return json::parse(text).get<Record>();
    } catch (const std::exception&) {
        return std::nullopt;
    }
}

void RunDir::write(const Request& request) const {
    base::write_file_atomically(path_ / k_request, encode(request), 0600);
}

std::optional<Request> RunDir::read_request() const {
    const std::optional<std::string> bytes = base::try_read_file(path_ / k_request);
    if (!bytes) {
        return std::nullopt;
    }
    return decode_request(*bytes);
}

std::optional<Request> RunDir::try_read_request() const {
    try {
        return read_request();
    } catch (const std::exception&) {
        return std::nullopt;
    }
}

void RunDir::remove_request() const {
    (void)::unlink((path_ / k_request).c_str());
}

void RunDir::order_stop(const StopOrder& order) const {
    const json whole{{"superseded", order.cause == StopCause::superseded},
                     {"reason", base::printable(order.reason)}};
    base::write_file_atomically(path_ / k_stop_order, whole.dump(), 0644);
}

std::optional<StopOrder> RunDir::read_stop_order() const {
    try {
        const std::optional<std::string> text = base::try_read_file(path_ / k_stop_order);
        if (!text) {
            return std::nullopt;
        }
        const json order = json::parse(*text);
        return StopOrder{
            order.at("superseded").get<bool>() ? StopCause::superseded : StopCause::cancelled,
            base::printable(order.at("reason").get<std::string>(), 300)};
    } catch (const std::exception&) {
        return std::nullopt;
    }
}

}  // namespace ccci::run
