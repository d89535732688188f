#include "inspect/run_list.hpp"

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <system_error>
#include <tuple>
#include <utility>

#include "base/os_error.hpp"
#include "inspect/glance.hpp"
#include "launch/carried.hpp"

namespace ccci::inspect {

namespace {

namespace fs = std::filesystem;

/// One that has ended, and was not parsed yet.
struct Past {
    run::RunDir dir;
    uid_t owner;
    std::string text;
    std::string created;
};

/// nullopt also for one that says that it is another run's.
std::optional<ListedRun> parsed(const run::RunDir& dir, uid_t owner, const std::string& text) {
    auto record = run::RunDir::parse(text);
    if (!record || record->run != dir.id()) {
        return std::nullopt;
    }
    return ListedRun{dir, std::move(*record), owner};
}

bool is_wanted(const ListedRun& run, const Wanted& wanted) {
    return (wanted.domain.empty() || run.record.domain == wanted.domain) &&
           (wanted.state.empty() || shown_state(run.record, run.carried) == wanted.state) &&
           (!wanted.matching || wanted.matching(run.record));
}

class Lister {
public:
    explicit Lister(const Wanted& wanted) : wanted_{wanted} {}

    void look_at(const run::RunDir& dir) {
        const auto owner = owner_of(dir, wanted_.whose);
        auto text = owner ? dir.read_text() : std::nullopt;
        if (!text) {
            if (owner) {
                list_.without_record.push_back(dir.path());
            }
            return;
        }
        auto glance = glance_at(*text);
        if (glance && glance->ended) {
            past_.push_back({dir, *owner, std::move(*text), std::move(glance->created)});
            return;
        }
        if (auto run = parsed(dir, *owner, *text)) {
            run->carried = launch::is_carried(*owner, run->record);
            if (run->record.state != run::State::ended) {
                list_.unended.push_back(*run);
            }
            if (is_wanted(*run, wanted_)) {
                (run->carried ? list_.runs : over_).push_back(std::move(*run));
            }
        }
    }

    RunList result() && {
        add_past();
        std::sort(list_.runs.begin(), list_.runs.end(),
                  [](const ListedRun& one, const ListedRun& other) {
                      return one.record.state != other.record.state
                                 ? one.record.state < other.record.state
                                 : run::came_before(other.record, one.record);
                  });
        std::sort(over_.begin(), over_.end(), [](const ListedRun& one, const ListedRun& other) {
            return run::came_before(other.record, one.record);
        });
        if (over_.size() > most_over()) {
            over_.erase(over_.begin() + static_cast<std::ptrdiff_t>(most_over()), over_.end());
        }
        std::move(over_.begin(), over_.end(), std::back_inserter(list_.runs));
        return std::move(list_);
    }

private:
    [[nodiscard]] std::size_t most_over() const { return wanted_.most_over.value_or(SIZE_MAX); }

    /// The newest, until there are as many as are wanted: parsing is what takes the time.
    void add_past() {
        std::sort(past_.begin(), past_.end(), [](const Past& one, const Past& other) {
            return std::tie(one.created, one.dir.path().native()) >
                   std::tie(other.created, other.dir.path().native());
        });
        std::size_t found = 0;
        for (const Past& past : past_) {
            if (found >= most_over()) {
                return;
            }
            auto run = parsed(past.dir, past.owner, past.text);
            if (run && is_wanted(*run, wanted_)) {
                over_.push_back(std::move(*run));
                ++found;
            }
        }
    }

    const Wanted& wanted_;
    RunList list_;
    std::vector<ListedRun> over_;
    std::vector<Past> past_;
};

}  // namespace

std::string shown_state(const run::Record& record, bool carried) {
    if (record.verdict && record.state == run::State::ended) {
        return run::to_string(record.verdict->kind);
    }
    return carried ? run::to_string(record.state) : "lost";
}

RunList list_runs(const fs::path& runs_dir, const Wanted& wanted) {
    Lister lister{wanted};
    std::error_code error;
    for (const fs::directory_entry& entry : fs::directory_iterator{runs_dir, error}) {
        lister.look_at(run::RunDir::open(entry.path()));
    }
    if (error && error != std::errc::no_such_file_or_directory) {
        base::throw_errno(error.value(), "read runs directory {}", runs_dir.native());
    }
    return std::move(lister).result();
}

}  // namespace ccci::inspect
