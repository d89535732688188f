#include "platform/swarm_app.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "base/base64.hpp"
#include "base/duration.hpp"
#include "base/process.hpp"
#include "base/text.hpp"
#include "engine/engine_error.hpp"
#include "engine/event_stream.hpp"
#include "platform/docker_command.hpp"
#include "platform/object.hpp"
#include "platform/read_answer.hpp"
#include "platform/volume_directory.hpp"

namespace ccci::platform {

namespace {

using nlohmann::json;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds k_shortest_wait{50};
constexpr milliseconds k_longest_wait{1000};
constexpr milliseconds k_last_look{2000};

class ResetDeadline {
public:
    explicit ResetDeadline(engine::Client& engine) : engine_{engine} {}
    ResetDeadline(const ResetDeadline&) = delete;
    ResetDeadline& operator=(const ResetDeadline&) = delete;
    ~ResetDeadline() { engine_.set_deadline(std::nullopt); }

private:
    engine::Client& engine_;
};

engine::Filters of_stack(const std::string& stack) {
    return {{"label", {fmt::format("{}={}", k_stack_label, stack)}}};
}

}  // namespace

SwarmApp::SwarmApp(const run::Config& config, const std::string& domain, std::string run_id)
    : config_{config},
      stack_{run::stack_name(run::check_domain(domain))},
      run_id_{std::move(run_id)},
      engine_{config.docker_socket} {}

std::map<std::string, std::string> SwarmApp::owner_labels() const {
    if (config_.lock_revision == 0) {
        return {};
    }
    return {{k_run_label, run_id_},
            {k_host_label, run::host_name(config_.lock)},
            {k_revision_label, std::to_string(config_.lock_revision)}};
}

bool SwarmApp::create_secret(const std::string& name, const std::string& data) {
    return create("secrets", name, data);
}

bool SwarmApp::create_config(const std::string& name, const std::string& data) {
    return create("configs", name, data);
}

bool SwarmApp::create(const std::string& kind, const std::string& name, const std::string& data) {
    json labels(owner_labels());
    labels[k_stack_label] = stack_;
    labels[k_run_label] = run_id_;
    const json body{{"Name", name}, {"Labels", labels}, {"Data", base::to_base64(data)}};
    const engine::Answer answer = engine_.post(fmt::format("/{}/create", kind), body);
    if (answer.status == 409) {
        return false;
    }
    (void)answer.value();
    return true;
}

void SwarmApp::mark_owner() {
    if (config_.lock_revision != 0) {
        (void)create_config(fmt::format("{}_{}{}", stack_, k_owner, config_.lock_revision),
                            run_id_);
    }
}

std::vector<std::string> SwarmApp::missing_secrets(const std::vector<std::string>& names) {
    if (names.empty()) {
        return {};  // a filter without values finds everything
    }
    const engine::Answer answer = engine_.get("/secrets" + engine::query({{"names", names}}));
    const auto there = read_answer(answer, [](const json& secrets) {
        std::set<std::string> found;
        for (const json& secret : secrets) {
            found.insert(secret.at("/Spec/Name"_json_pointer).get<std::string>());
        }
        return found;
    });
    std::vector<std::string> missing = names;
    std::erase_if(missing, [&](const std::string& name) { return there.contains(name); });
    return missing;
}

std::vector<std::string> SwarmApp::pull(const std::vector<std::string>& images, Deadline until) {
    const auto is_here = [&](const std::string& image) {
        return engine_.get(fmt::format("/images/{}/json", engine::encode(image))).ok();
    };
    std::vector<std::string> wanted;
    for (const std::string& image : std::set<std::string>(images.begin(), images.end())) {
        if (config_.resolve_image != "never" || !is_here(image)) {
            wanted.push_back(image);
        }
    }
    const std::vector<std::string> reasons = pull_images(config_.docker_socket, wanted, until);
    std::vector<std::string> sentences;
    for (std::size_t at = 0; at < wanted.size(); ++at) {
        if (!reasons[at].empty() && !is_here(wanted[at])) {
            sentences.push_back(fmt::format("pull image {}: {}", wanted[at], reasons[at]));
        }
    }
    return sentences;
}

std::optional<std::string> SwarmApp::deploy(const Deployment& deployment, Deadline until) {
    mark_owner();
    look_before_deploy();
    return deploy_stack(config_.docker_socket, stack_, config_.resolve_image, deployment, until);
}

void SwarmApp::look_before_deploy() {
    before_ = snapshot();
    steadiness_.forget();
}

Snapshot SwarmApp::snapshot() {
    const auto listing = [&](const std::string& target, auto parse) {
        return read_answer(engine_.get(target), [&](const json& items) {
            std::vector<decltype(parse(json()))> facts;
            for (const json& item : items) {
                facts.push_back(parse(item));
            }
            return facts;
        });
    };
    Snapshot now;
    now.services = listing("/services" + engine::query(of_stack(stack_), "&status=true"),
                           [&](const json& item) { return parse_service(item, stack_); });
    now.tasks = listing("/tasks" + engine::query(of_stack(stack_)), parse_task);
    std::ranges::sort(now.services, {}, &ServiceFacts::name);
    return now;
}

std::vector<ServiceFacts> SwarmApp::services() {
    return snapshot().services;
}

Convergence SwarmApp::wait_converged(Deadline until) {
    // A hung engine must not make the wait longer than it may be.
    engine_.set_deadline(until + k_last_look);
    const ResetDeadline reset{engine_};
    std::optional<engine::EventStream> events;
    milliseconds pause = k_shortest_wait;
    for (;;) {
        Deadline next = Deadline::max();
        try {
            if (!events) {
                events.emplace(engine_, of_stack(stack_));
            }
            const Snapshot now = snapshot();
            const Deadline listed = steady_clock::now();
            const Deadline since = steadiness_.look(now, listed);
            if (missing_services(before_, now).empty()) {
                next = since + settle_time(before_, now);
            }
            if (listed >= next || is_hopeless(now) || listed >= until) {
                return judge(before_, now, std::chrono::floor<milliseconds>(listed - since));
            }
        } catch (const engine::EngineError& error) {
            if (!error.transient() || !events || steady_clock::now() >= until) {
                throw;
            }
        }
        const bool event = events->wait(std::min({until, next, steady_clock::now() + pause}));
        pause = event ? k_shortest_wait : std::min(pause * 2, k_longest_wait);
    }
}

std::optional<std::uint16_t> SwarmApp::published_port(const std::string& service) {
    const auto first_port = [](const json& ports) -> std::optional<std::uint16_t> {
        for (const json& port : ports) {
            const auto number = port.value("PublishedPort", std::uint16_t{0});
            if (number != 0) {
                return number;
            }
        }
        return std::nullopt;
    };
    const std::string name = stack_ + "_" + service;
    const engine::Answer answer = engine_.get("/services/" + engine::encode(name));
    if (answer.status == 404) {
        return std::nullopt;
    }
    const auto ingress = read_answer(answer, [&](const json& facts) {
        return first_port(facts.value("/Endpoint/Ports"_json_pointer, json::array()));
    });
    if (ingress) {
        return ingress;
    }
    // Ports of mode "host" that the engine chose are known by the task only.
    const engine::Filters running{{"service", {name}}, {"desired-state", {"running"}}};
    return read_answer(engine_.get("/tasks" + engine::query(running)), [&](const json& tasks) {
        std::optional<std::uint16_t> found;
        for (const json& task : tasks) {
            if (!found) {
                found =
                    first_port(task.value("/Status/PortStatus/Ports"_json_pointer, json::array()));
            }
        }
        return found;
    });
}

std::vector<std::string> SwarmApp::containers(const std::string& service) {
    const engine::Filters running{
        {"label", {fmt::format("com.docker.swarm.service.name={}_{}", stack_, service)}},
        {"status", {"running"}}};
    return read_answer(engine_.get("/containers/json" + engine::query(running)),
                       [](const json& containers) {
                           std::vector<std::string> ids;
                           for (const json& container : containers) {
                               ids.push_back(container.at("Id"));
                           }
                           return ids;
                       });
}

std::optional<std::filesystem::path> SwarmApp::volume_on_this_host(const std::string& volume) {
    const engine::Answer answer =
        engine_.get("/volumes/" + engine::encode(fmt::format("{}_{}", stack_, volume)));
    if (answer.status == 404) {
        return std::nullopt;
    }
    const std::filesystem::path path = read_answer(
        answer, [](const json& facts) { return facts.value("Mountpoint", std::string{}); });
    return is_volume_here(path) ? std::optional{path} : std::nullopt;
}

std::optional<std::string> SwarmApp::execute(const std::string& container,
                                             const std::string& shell_command, Deadline until) {
    return execute_in_container(config_.docker_socket, container, shell_command, until);
}

}  // namespace ccci::platform
