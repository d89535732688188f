#include "platform/stack_teardown.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "base/fail_point.hpp"
#include "engine/engine_error.hpp"
#include "platform/inventory.hpp"

namespace ccci::platform {

namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds k_first_pause{20};
constexpr milliseconds k_longest_pause{1000};
/// How much later than its end a teardown may still look at what is left.
constexpr milliseconds k_last_listing{2000};

std::string target_of(const Object& object) {
    const std::string id = engine::encode(object.id);
    switch (object.kind) {
        case Kind::service:
            return "/services/" + id;
        case Kind::container:
            return "/containers/" + id + "?force=true&v=true";
        case Kind::network:
            return "/networks/" + id;
        case Kind::config:
            return "/configs/" + id;
        case Kind::secret:
            return "/secrets/" + id;
        case Kind::volume:
            return "/volumes/" + id;
        case Kind::task:
        case Kind::env_file:
            break;
    }
    throw std::logic_error{"not removed through the engine"};
}

bool has(const std::vector<Object>& objects, Kind kind) {
    return std::ranges::any_of(objects, [&](const Object& object) { return object.kind == kind; });
}

}  // namespace

std::vector<Object> find_stack(engine::Client& engine, const std::string& domain,
                               const std::filesystem::path& abra_dir,
                               const run::RunAppPattern& pattern) {
    const std::string stack = run::stack_name(domain);
    std::vector<Object> candidates = list_candidates(engine, stack);
    const bool doubtful = std::ranges::any_of(
        candidates, [](const Object& candidate) { return candidate.stack.empty(); });
    std::set<std::string> stacks{stack};
    if (doubtful) {
        for (const Object& object : list_everything(engine)) {
            stacks.insert(object.stack);
        }
        for (const Object& file : list_env_files(abra_dir, std::nullopt)) {
            stacks.insert(run::stack_name(file.name));
        }
    }
    const bool services = has(candidates, Kind::service);
    std::erase_if(candidates, [&](const Object& candidate) {
        const bool memory = candidate.kind == Kind::task && !candidate.running && !services;
        return memory || owner_of(candidate, stacks, pattern) != stack;
    });
    for (Object& file : list_env_files(abra_dir, domain)) {
        candidates.push_back(std::move(file));
    }
    return candidates;
}

namespace {

bool is_mark(const Object& object) {
    return object.kind == Kind::config && object.revision > 0 &&
           object.name.ends_with(fmt::format("_{}{}", k_owner, object.revision));
}

}  // namespace

std::vector<Step> plan_removal(const std::vector<Object>& left, bool let_stop) {
    const bool services = has(left, Kind::service);
    const bool tasks = has(left, Kind::task);
    const bool containers = has(left, Kind::container);
    std::vector<Step> steps;
    const auto remove = [&](const Object& object) {
        steps.push_back({Step::Action::remove, object});
    };
    for (const Object& object : left) {
        switch (object.kind) {
            case Kind::service:
            case Kind::env_file:
                remove(object);
                break;
            case Kind::task:
                break;
            case Kind::container:
                if (!object.of_task || (!services && !tasks)) {
                    remove(object);
                } else if (object.running && !let_stop) {
                    steps.push_back({Step::Action::kill, object});
                }
                break;
            case Kind::network:
                if (!services && !tasks && !containers) {
                    remove(object);
                }
                break;
            case Kind::config:
            case Kind::secret:
                // Whose it is must be known for as long as there is anything of it.
                if (!services && (!is_mark(object) || std::ranges::all_of(left, is_mark))) {
                    remove(object);
                }
                break;
            case Kind::volume:
                if (!services && !tasks) {
                    remove(object);
                }
                break;
        }
    }
    return steps;
}

StackTeardown::StackTeardown(engine::Client& engine, const std::string& domain,
                             const std::filesystem::path& abra_dir,
                             const run::RunAppPattern& pattern, Patience patience, Sparing sparing)
    : engine_{engine},
      domain_{run::check_domain(domain)},
      stack_{run::stack_name(domain)},
      abra_dir_{abra_dir},
      pattern_{pattern},
      patience_{patience},
      sparing_{std::move(sparing)} {}

TeardownReport StackTeardown::run(Time until) {
    const Time begin = steady_clock::now();
    Time last_change = begin;
    Time last_answer = begin;
    milliseconds pause = k_first_pause;
    std::vector<Object> left;
    std::string broken;
    engine_.set_deadline(until + k_last_listing);

    for (int empty_passes = 0; empty_passes < 2;) {
        try {
            std::vector<Object> found = find();
            last_answer = steady_clock::now();
            base::fail_point("teardown.listed");
            if (broken = owned_by_another(found); !broken.empty()) {
                left.clear();
                break;
            }
            if (found != left) {
                left = std::move(found);
                last_change = last_answer;
                pause = k_first_pause;
            }
            if (left.empty()) {
                ++empty_passes;
                continue;
            }
            empty_passes = 0;
            if (last_answer >= until || last_answer - last_change > patience_.stuck) {
                break;
            }
            if (!events_) {
                const std::string label = fmt::format("{}={}", k_stack_label, stack_);
                events_.emplace(engine_, engine::Filters{{"label", {label}}});
            }
            bool any_removed = false;
            for (const Step& step : plan_removal(left, sparing_.let_stop)) {
                any_removed = perform(step) || any_removed;
            }
            if (any_removed) {
                continue;
            }
        } catch (const engine::EngineError& error) {
            const Time now = steady_clock::now();
            if (!error.transient() || now >= until || now - last_answer > patience_.unreachable) {
                if (left.empty()) {
                    throw;
                }
                broken = error.what();
                break;
            }
        }
        wait(std::min(until, steady_clock::now() + pause));
        pause = std::min(pause * 2, k_longest_pause);
    }

    TeardownReport report;
    report.removed = counts_;
    report.out_of_reach = out_of_reach_;
    for (const Object& object : left) {
        const auto failure = failures_.find({object.kind, object.id});
        report.left.push_back(
            fmt::format("{} {}: {}", to_string(object.kind), object.name,
                        failure != failures_.end() ? failure->second : "is still there"));
    }
    if (!broken.empty()) {
        report.left.push_back(broken);
    }
    report.took =
        std::chrono::duration_cast<std::chrono::microseconds>(steady_clock::now() - begin);
    return report;
}

std::vector<Object> StackTeardown::find() {
    std::vector<Object> found = find_stack(engine_, domain_, abra_dir_, pattern_);
    std::erase_if(found, [&](const Object& object) {
        return sparing_.keep.contains({object.kind, object.name});
    });
    out_of_reach_ = 0;
    if (has(found, Kind::task) && !has(found, Kind::service)) {
        // They are listed until their node comes back, or is removed from the Swarm, and nothing
        // more can be done about them: the Swarm already wants them to end.
        const std::set<std::string> down = list_nodes_down(engine_);
        out_of_reach_ = std::erase_if(found, [&](const Object& object) {
            return object.kind == Kind::task && down.contains(object.node);
        });
    }
    return found;
}

std::string StackTeardown::owned_by_another(const std::vector<Object>& found) const {
    for (const Object& object : found) {
        if (object.revision > sparing_.revision) {
            return fmt::format(
                "all of it: {} {} was made under a later lock of the domain (revision {}, ours is "
                "{})",
                to_string(object.kind), object.name, object.revision,
                sparing_.revision == 0 ? "of this host only"
                                       : fmt::format("{}", sparing_.revision));
        }
    }
    return "";
}

bool StackTeardown::perform(const Step& step) {
    const Object& object = step.object;
    if (step.action == Step::Action::kill) {
        // It may have ended by itself, or be on its way out: what counts is the next listing.
        (void)engine_.post("/containers/" + engine::encode(object.id) + "/kill");
        return false;
    }
    std::string reason;
    bool done = false;
    const std::pair key{object.kind, object.id};
    if (object.kind == Kind::env_file) {
        done = ::unlink(object.id.c_str()) == 0;
        reason = done || errno == ENOENT ? "" : std::strerror(errno);
    } else {
        const engine::Answer answer = engine_.remove(target_of(object));
        done = answer.ok();
        reason = done || answer.status == 404 ? "" : answer.message();
    }
    base::fail_point("teardown.removed");
    // What is removed a second time was only on its way out before: that is no progress.
    done = done && removed_.insert(key).second;
    // Whether the Swarm or we remove a task's container is a matter of chance: not worth telling.
    if (done && !object.of_task) {
        ++counts_[to_string(object.kind)];
    }
    if (reason.empty()) {
        failures_.erase(key);
    } else {
        failures_[key] = reason;
    }
    return done;
}

void StackTeardown::wait(Time until) {
    if (events_) {
        (void)events_->wait(until);
        return;
    }
    // The engine has not answered yet, so there is nothing that could tell us.
    const auto left = std::chrono::ceil<milliseconds>(until - steady_clock::now());
    (void)::poll(nullptr, 0, static_cast<int>(std::max<milliseconds::rep>(0, left.count())));
}

}  // namespace ccci::platform
