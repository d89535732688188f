#include "bridge/store.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <nlohmann/json.hpp>
#include <optional>
#include <stdexcept>

#include "base/fail_point.hpp"
#include "base/files.hpp"
#include "base/os_error.hpp"
#include "base/text.hpp"

namespace ccci::bridge {

namespace {

using nlohmann::json;

constexpr mode_t k_mode = 0600;
constexpr std::size_t k_largest_state = std::size_t{256} << 20;

std::string encode(const Arrival& arrival) {
    const gitea::Comment& comment = arrival.comment;
    const json line{{"id", comment.id},
                    {"repository", comment.repository},
                    {"pull_request", comment.pull_request},
                    {"author", comment.author},
                    {"body", comment.body},
                    {"created", base::format_time(comment.created)},
                    {"updated", base::format_time(comment.updated)},
                    {"delivery", arrival.delivery}};
    return line.dump(-1, ' ', false, json::error_handler_t::replace) + "\n";
}

/// nullopt for the beginning of a line, whose end a crash has prevented: nobody was told that it
/// was accepted.
std::optional<Arrival> decode_arrival(const std::string& line) {
    try {
        const json in = json::parse(line);
        return Arrival{
            .comment = {.id = in.at("id").get<std::int64_t>(),
                        .repository = in.at("repository").get<std::string>(),
                        .pull_request = in.at("pull_request").get<std::int64_t>(),
                        .author = in.at("author").get<std::string>(),
                        .body = in.at("body").get<std::string>(),
                        .created = base::parse_time(in.at("created").get<std::string>()),
                        .updated = base::parse_time(in.at("updated").get<std::string>())},
            .delivery = in.at("delivery").get<std::string>()};
    } catch (const json::exception&) {
        return std::nullopt;
    } catch (const std::invalid_argument&) {
        return std::nullopt;
    }
}

void empty(int fd, const std::filesystem::path& file) {
    if (::ftruncate(fd, 0) != 0) {
        base::throw_errno(errno, "truncate {}", file.native());
    }
}

}  // namespace

Store::Store(std::filesystem::path directory)
    : file_{directory / "bridge.json"},
      arrivals_file_{directory / "bridge.arrivals"},
      arrivals_{base::open_file(arrivals_file_, O_RDWR | O_CREAT | O_APPEND | O_NOFOLLOW, k_mode)} {
    // Two bridges would both start every build. The lock lasts as long as the descriptor.
    if (::flock(arrivals_.get(), LOCK_EX | LOCK_NB) != 0) {
        if (errno == EWOULDBLOCK) {
            throw std::runtime_error{
                fmt::format("lock {}: another bridge runs", arrivals_file_.native())};
        }
        base::throw_errno(errno, "lock {}", arrivals_file_.native());
    }
    base::sync_directory(directory);
}

Store::Kept Store::load() {
    Kept kept;
    if (const auto text = base::try_read_file(file_, k_largest_state)) {
        try {
            kept.state = decode_state(*text);
        } catch (const std::invalid_argument& error) {
            throw std::runtime_error{fmt::format("read {}: {}", file_.native(), error.what())};
        }
    }
    if (::lseek(arrivals_.get(), 0, SEEK_SET) != 0) {
        base::throw_errno(errno, "read {}", arrivals_file_.native());
    }
    const std::string lines =
        base::read_all(arrivals_.get(), arrivals_file_.native(), k_largest_state);
    for (const std::string& line : base::split(lines, '\n')) {
        if (auto arrival = decode_arrival(line)) {
            kept.arrivals.push_back(std::move(*arrival));
        }
    }
    return kept;
}

void Store::append(const Arrival& arrival) {
    has_arrivals_ = true;
    base::write_all(arrivals_.get(), encode(arrival), arrivals_file_.native());
    if (::fdatasync(arrivals_.get()) != 0) {
        base::throw_errno(errno, "sync {}", arrivals_file_.native());
    }
    base::fail_point("bridge.arrival.kept");
}

void Store::save(const State& state) {
    base::write_file_durably(file_, bridge::encode(state), k_mode);
    base::fail_point("bridge.state.kept");
    if (has_arrivals_) {
        empty(arrivals_.get(), arrivals_file_);
        has_arrivals_ = false;
    }
}

}  // namespace ccci::bridge
