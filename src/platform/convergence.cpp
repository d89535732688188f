#include "platform/convergence.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/duration.hpp"
#include "base/text.hpp"

namespace ccci::platform {

namespace {

using nlohmann::json;

constexpr std::chrono::milliseconds k_settle{1000};
constexpr std::chrono::milliseconds k_settle_after_failure{5000};

/// The member, or an empty object where the engine left it out or wrote null.
json part(const json& object, const char* name) {
    json value = object.value(name, json());
    return value.is_null() ? json::object() : value;
}

/// A count: one that is negative, has a fraction or fits no integer is of a wrong type.
std::uint64_t count_in(const json& object, const char* name, std::uint64_t otherwise) {
    const json value = object.value(name, json(otherwise));
    if (!value.is_number_integer() || value < 0) {
        throw json::type_error::create(302, "type must be a count", &value);
    }
    return value.get<std::uint64_t>();
}

std::map<std::string, std::string> labels_of(const json& object) {
    return part(object, "Labels").get<std::map<std::string, std::string>>();
}

bool has_health_check(const json& check) {
    const json test = check.value("Test", json());
    return test.is_array() && !test.empty() && test[0] != "NONE";
}

std::string without_stack(std::string name, const std::string& stack) {
    if (name.starts_with(stack + "_")) {
        name.erase(0, stack.size() + 1);
    }
    return name;
}

/// Another stack's volumes, and those that are the operator's, are none of the app.
std::vector<std::string> volumes_of(const json& container, const std::string& stack) {
    std::vector<std::string> volumes;
    for (const json& mount : part(container, "Mounts")) {
        const std::string source = mount.value("Source", "");
        std::string volume = without_stack(source, stack);
        if (mount.value("Type", "") == "volume" && volume != source &&
            std::ranges::find(volumes, volume) == volumes.end()) {
            volumes.push_back(std::move(volume));
        }
    }
    return volumes;
}

const ServiceFacts* find_service(const Snapshot& snapshot, const std::string& id) {
    const auto found = std::ranges::find(snapshot.services, id, &ServiceFacts::id);
    return found == snapshot.services.end() ? nullptr : &*found;
}

const TaskFacts* find_task(const Snapshot& snapshot, const std::string& id) {
    const auto found = std::ranges::find(snapshot.tasks, id, &TaskFacts::id);
    return found == snapshot.tasks.end() ? nullptr : &*found;
}

bool is_updating(const ServiceFacts& service) {
    return service.update_state == "updating" || service.update_state == "rollback_started";
}

/// The Swarm clears the update's state when it takes a new spec, and sets it when it begins to
/// replace tasks: in between, the old tasks look like a converged service. It never begins when no
/// task needs replacing, so it is due only as long as one from before is wanted.
bool is_update_due(const Snapshot& before, const Snapshot& now, const ServiceFacts& service) {
    const ServiceFacts* earlier = find_service(before, service.id);
    if (earlier == nullptr || earlier->replaces_tasks == service.replaces_tasks) {
        return false;
    }
    const bool begun =
        !service.update_state.empty() && service.update_started != earlier->update_started;
    return !begun && std::ranges::any_of(now.tasks, [&](const TaskFacts& task) {
        return task.service == service.id && task.desired_state == "running" &&
               find_task(before, task.id) != nullptr;
    });
}

bool has_failed(const TaskFacts& task) {
    return task.state == "failed" || task.state == "rejected" || task.state == "orphaned";
}

bool has_ended(const TaskFacts& task) {
    return has_failed(task) || task.state == "complete" || task.state == "shutdown";
}

bool has_too_few(const ServiceFacts& service) {
    return service.job ? service.completed < service.desired : service.running < service.desired;
}

/// What is missing of this service; empty: nothing.
std::string missing(const Snapshot& before, const Snapshot& now, const ServiceFacts& service) {
    const std::string count =
        service.job ? fmt::format("{} of {} completed", service.completed, service.desired)
                    : fmt::format("{} of {} running", service.running, service.desired);
    if (is_updating(service)) {
        return fmt::format("{}: {}, {} under way", service.name, count,
                           service.update_state == "updating" ? "update" : "rollback");
    }
    if (is_update_due(before, now, service)) {
        return fmt::format("{}: {}, update has not begun", service.name, count);
    }
    const bool there = service.job ? !has_too_few(service) : service.running == service.desired;
    return there ? "" : fmt::format("{}: {}", service.name, count);
}

/// Tasks of the service that have failed since `before`.
std::vector<const TaskFacts*> failed_tasks(const Snapshot& before, const Snapshot& now,
                                           const ServiceFacts& service) {
    std::vector<const TaskFacts*> failed;
    for (const TaskFacts& task : now.tasks) {
        const TaskFacts* earlier = find_task(before, task.id);
        if (task.service == service.id && has_failed(task) &&
            (earlier == nullptr || !has_ended(*earlier))) {
            failed.push_back(&task);
        }
    }
    std::ranges::sort(failed, {}, [](const TaskFacts* task) { return task->updated; });
    return failed;
}

bool is_given_up(const Snapshot& now, const ServiceFacts& service) {
    // A job's tasks are wanted "complete" for good, whatever became of them.
    if (service.job || !has_too_few(service) || is_updating(service)) {
        return false;
    }
    bool tried = false;
    for (const TaskFacts& task : now.tasks) {
        if (task.service == service.id) {
            if (task.desired_state == "running" || task.desired_state == "ready") {
                return false;
            }
            tried = tried || has_ended(task);
        }
    }
    return tried;
}

std::chrono::milliseconds settle_time_of(const Snapshot& before, const Snapshot& now,
                                         const ServiceFacts& service) {
    if (service.job || service.desired == 0 || service.health_check) {
        return {};
    }
    return failed_tasks(before, now, service).empty() ? k_settle : k_settle_after_failure;
}

/// What keeps this service from being converged; empty: nothing.
std::string lacking(const Snapshot& before, const Snapshot& now, const ServiceFacts& service,
                    std::chrono::milliseconds steady) {
    std::string sentence = missing(before, now, service);
    const std::chrono::milliseconds wanted = settle_time_of(before, now, service);
    if (sentence.empty() && steady < wanted) {
        sentence = fmt::format("{}: {} of {} running, but not for {} yet", service.name,
                               service.running, service.desired, base::format_duration(wanted));
    }
    return sentence;
}

std::string failure_text(const std::vector<const TaskFacts*>& failed) {
    return fmt::format("; {} task{} failed, the last one: {}", failed.size(),
                       failed.size() == 1 ? "" : "s", base::printable(failed.back()->error, 300));
}

/// "; the task is pending: no suitable node (...)"
std::string progress_text(const Snapshot& now, const ServiceFacts& service) {
    for (const TaskFacts& task : now.tasks) {
        if (task.service == service.id && task.desired_state == "running" &&
            task.state != "running" && !has_ended(task)) {
            return fmt::format("; a task is {}{}{}", task.state, task.error.empty() ? "" : ": ",
                               base::printable(task.error, 300));
        }
    }
    return {};
}

}  // namespace

ServiceFacts parse_service(const json& service, const std::string& stack) {
    const json& spec = service.at("Spec");
    const json task = part(spec, "TaskTemplate");
    const json container = part(task, "ContainerSpec");
    const json mode = part(spec, "Mode");
    const json status = part(service, "ServiceStatus");
    const json update = part(service, "UpdateStatus");

    ServiceFacts facts;
    facts.id = service.at("ID");
    facts.name = without_stack(spec.at("Name"), stack);
    facts.image = container.value("Image", "");
    facts.labels = labels_of(spec);
    facts.container_labels = labels_of(container);
    facts.volumes = volumes_of(container, stack);
    facts.job = mode.contains("ReplicatedJob") || mode.contains("GlobalJob");
    facts.health_check = has_health_check(part(container, "Healthcheck"));
    facts.desired = mode.contains("ReplicatedJob")
                        ? count_in(part(mode, "ReplicatedJob"), "TotalCompletions", 1)
                        : count_in(status, "DesiredTasks", 0);
    facts.running = count_in(status, "RunningTasks", 0);
    facts.completed = count_in(status, "CompletedTasks", 0);
    facts.update_state = update.value("State", "");
    facts.update_started = update.value("StartedAt", "");
    facts.update_message = update.value("Message", "");
    // A changed placement replaces only the tasks that do not fit any more.
    json replaces = json::array({task, part(spec, "EndpointSpec")});
    replaces[0].erase("Placement");
    facts.replaces_tasks = replaces.dump();
    return facts;
}

TaskFacts parse_task(const json& task) {
    const json status = part(task, "Status");
    return {.id = task.at("ID"),
            .service = task.value("ServiceID", ""),
            .state = status.value("State", ""),
            .desired_state = task.value("DesiredState", ""),
            .error = status.value("Err", status.value("Message", "")),
            .updated = status.value("Timestamp", "")};
}

std::vector<std::string> missing_services(const Snapshot& before, const Snapshot& now) {
    if (now.services.empty()) {
        return {"the stack has no services"};
    }
    std::vector<std::string> sentences;
    for (const ServiceFacts& service : now.services) {
        const std::string sentence = missing(before, now, service);
        if (!sentence.empty()) {
            sentences.push_back(sentence);
        }
    }
    return sentences;
}

std::chrono::milliseconds settle_time(const Snapshot& before, const Snapshot& now) {
    std::chrono::milliseconds time{0};
    for (const ServiceFacts& service : now.services) {
        time = std::max(time, settle_time_of(before, now, service));
    }
    return time;
}

Steadiness::Time Steadiness::look(const Snapshot& now, Time when) {
    std::set<std::string> running;
    for (const TaskFacts& task : now.tasks) {
        if (task.state == "running" && task.desired_state == "running") {
            running.insert(task.id);
        }
    }
    if (!since_ || running != tasks_) {
        since_ = when;
        tasks_ = std::move(running);
    }
    return *since_;
}

bool is_hopeless(const Snapshot& now) {
    return std::ranges::any_of(
        now.services, [&](const ServiceFacts& service) { return is_given_up(now, service); });
}

Convergence judge(const Snapshot& before, const Snapshot& now, std::chrono::milliseconds steady) {
    using State = Convergence::State;
    if (missing_services(before, now).empty() && steady >= settle_time(before, now)) {
        Convergence result{.state = State::converged, .sentences = {}};
        for (const ServiceFacts& service : now.services) {
            if (!service.update_state.empty() && service.update_state != "completed") {
                result.sentences.push_back(
                    fmt::format("{}: update ended as {}: {}", service.name, service.update_state,
                                base::printable(service.update_message, 300)));
            }
        }
        return result;
    }
    Convergence result{.state = State::timed_out, .sentences = {}};
    for (const ServiceFacts& service : now.services) {
        std::string sentence = lacking(before, now, service, steady);
        if (sentence.empty()) {
            continue;
        }
        const std::vector<const TaskFacts*> failed = failed_tasks(before, now, service);
        const bool given_up = is_given_up(now, service);
        if (given_up || failed.size() > 1) {
            result.state = State::crash_looping;
        }
        sentence += failed.empty() ? progress_text(now, service) : failure_text(failed);
        sentence += given_up ? "; it is not tried again" : "";
        result.sentences.push_back(std::move(sentence));
    }
    if (now.services.empty()) {
        result.sentences = missing_services(before, now);
    }
    return result;
}

}  // namespace ccci::platform
