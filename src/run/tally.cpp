#include "run/tally.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <stdexcept>

#include "base/files.hpp"
#include "base/os_error.hpp"
#include "base/text.hpp"

namespace ccci::run {

namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr std::array k_verdicts{
    VerdictKind::passed,        VerdictKind::failed,   VerdictKind::cancelled,
    VerdictKind::superseded,    VerdictKind::deadline, VerdictKind::killed,
    VerdictKind::out_of_memory, VerdictKind::fenced,   VerdictKind::refused,
    VerdictKind::leftovers,
};

/// A clock that was set back makes no time negative.
void add_span(Histogram& histogram, const std::optional<Time>& from,
              const std::optional<Time>& to) {
    if (from && to) {
        histogram.add(std::max(0.0, std::chrono::duration<double>(*to - *from).count()));
    }
}

void count_run(Tally& tally, const Record& record) {
    ++tally.verdicts[to_string(record.verdict->kind)];
    tally.incomplete_teardowns += record.clean.value_or(true) ? 0 : 1;
    tally.leaked_processes += record.leaked.size() + record.leaked_more;
    tally.journal_entries += record.journal_lines.value_or(0);
    add_span(tally.queue, record.created, record.started);
    add_span(tally.job, record.job_started ? record.job_started : record.started, record.job_ended);
    add_span(tally.teardown, record.job_ended, record.ended);
}

json histogram_json(const Histogram& histogram) {
    return {{"counts", histogram.counts}, {"sum", histogram.sum}};
}

Histogram histogram_from(const json& in) {
    Histogram histogram;
    const auto counts = in.at("counts").get<std::vector<std::uint64_t>>();
    if (counts.size() != histogram.counts.size()) {
        throw std::invalid_argument{"another number of buckets"};
    }
    std::copy(counts.begin(), counts.end(), histogram.counts.begin());
    histogram.sum = in.at("sum").get<double>();
    return histogram;
}

json janitor_json(const JanitorTally& janitor) {
    json out{{"passes", janitor.passes},
             {"incomplete", janitor.incomplete},
             {"reaped", janitor.reaped},
             {"not_reaped", janitor.not_reaped}};
    if (janitor.last_pass) {
        out["last_pass"] = base::format_time(*janitor.last_pass);
    }
    return out;
}

JanitorTally janitor_from(const json& in) {
    JanitorTally janitor;
    janitor.passes = in.at("passes").get<std::uint64_t>();
    janitor.incomplete = in.at("incomplete").get<std::uint64_t>();
    janitor.reaped = in.at("reaped").get<std::uint64_t>();
    janitor.not_reaped = in.at("not_reaped").get<std::uint64_t>();
    if (in.contains("last_pass")) {
        janitor.last_pass = base::parse_time(in.at("last_pass").get<std::string>());
    }
    return janitor;
}

json tally_json(const Tally& tally) {
    return {{"version", 1},
            {"verdicts", tally.verdicts},
            {"incomplete_teardowns", tally.incomplete_teardowns},
            {"leaked_processes", tally.leaked_processes},
            {"journal_entries", tally.journal_entries},
            {"queue", histogram_json(tally.queue)},
            {"job", histogram_json(tally.job)},
            {"teardown", histogram_json(tally.teardown)},
            {"janitor", janitor_json(tally.janitor)},
            {"counted", tally.counted}};
}

Tally tally_from(const json& in) {
    if (in.at("version") != 1) {
        throw std::invalid_argument{"another version"};
    }
    Tally tally;
    for (const auto& [name, count] : in.at("verdicts").items()) {
        tally.verdicts[name] = count.get<std::uint64_t>();
    }
    tally.incomplete_teardowns = in.at("incomplete_teardowns").get<std::uint64_t>();
    tally.leaked_processes = in.at("leaked_processes").get<std::uint64_t>();
    tally.journal_entries = in.at("journal_entries").get<std::uint64_t>();
    tally.queue = histogram_from(in.at("queue"));
    tally.job = histogram_from(in.at("job"));
    tally.teardown = histogram_from(in.at("teardown"));
    if (in.contains("janitor")) {
        tally.janitor = janitor_from(in.at("janitor"));
    }
    tally.counted = in.at("counted").get<std::map<std::string, std::string>>();
    return tally;
}

Tally read_tally(const fs::path& path) {
    const std::optional<std::string> text = base::try_read_file(path);
    if (!text) {
        return {};
    }
    try {
        return tally_from(json::parse(*text));
    } catch (const std::exception&) {
        throw std::runtime_error{fmt::format(
            "{} cannot be understood: remove it, and everything is counted from what is recorded",
            path.native())};
    }
}

/// Nobody else is at work on the file while this is there.
base::UniqueFd lock_tally(const fs::path& path) {
    base::UniqueFd fd = base::open_file(path, O_RDWR | O_CREAT | O_NOFOLLOW, 0600);
    while (::flock(fd.get(), LOCK_EX) != 0) {
        if (errno != EINTR) {
            base::throw_errno(errno, "lock {}", path.native());
        }
    }
    return fd;
}

Tally change_tally(const fs::path& state_dir, const std::function<void(Tally&)>& change) {
    // As what the canonical states of warm apps are kept in has to be.
    if (::mkdir(state_dir.c_str(), 0700) != 0 && errno != EEXIST) {
        base::throw_errno(errno, "create state directory {}", state_dir.native());
    }
    const base::UniqueFd lock = lock_tally(state_dir / "metrics.lock");
    Tally tally = read_tally(state_dir / "metrics.json");
    change(tally);
    base::write_file_atomically(state_dir / "metrics.json", tally_json(tally).dump() + "\n", 0644);
    return tally;
}

}  // namespace

void Histogram::add(double seconds) {
    const auto bound = std::lower_bound(k_bounds.begin(), k_bounds.end(), seconds);
    ++counts.at(static_cast<std::size_t>(bound - k_bounds.begin()));
    sum += seconds;
}

Tally::Tally() {
    for (const VerdictKind kind : k_verdicts) {
        verdicts[to_string(kind)] = 0;
    }
}

void Tally::update(const std::vector<Record>& records) {
    std::map<std::string, std::string> present;
    for (const Record& record : records) {
        if (record.state != State::ended || !record.verdict || !record.created) {
            continue;
        }
        const std::string created = base::format_time(*record.created);
        const auto known = counted.find(record.run);
        if (known == counted.end() || known->second != created) {
            count_run(*this, record);
        }
        present[record.run] = created;
    }
    if (!records.empty()) {
        counted = std::move(present);
    }
}

void JanitorTally::add(const JanitorTally& more) {
    passes += more.passes;
    incomplete += more.incomplete;
    reaped += more.reaped;
    not_reaped += more.not_reaped;
    last_pass = std::max(last_pass, more.last_pass);
}

Tally update_tally(const fs::path& state_dir, const std::vector<Record>& records) {
    return change_tally(state_dir, [&](Tally& tally) { tally.update(records); });
}

void count_janitor(const fs::path& state_dir, const JanitorTally& more) {
    (void)change_tally(state_dir, [&](Tally& tally) { tally.janitor.add(more); });
}

}  // namespace ccci::run
