#include "cli/guarded_run.hpp"

#include <fmt/format.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <nlohmann/json.hpp>

#include "base/colour.hpp"
#include "base/duration.hpp"
#include "base/text.hpp"
#include "cli/print.hpp"
#include "cli/programs.hpp"
#include "cli/values.hpp"
#include "cli/verdict_colour.hpp"
#include "launch/carrier.hpp"
#include "launch/guards.hpp"
#include "locks/domain_lock.hpp"
#include "run/usage_error.hpp"
#include "systemd/controllers.hpp"
#include "systemd/manager.hpp"

namespace ccci::cli {

namespace {

using namespace std::chrono_literals;
using launch::ManagerKind;
using std::chrono::microseconds;

ManagerKind need_user_manager() {
    if (!systemd::is_available(systemd::Which::user)) {
        throw std::runtime_error{fmt::format(
            "no user manager at {}: loginctl enable-linger {}, or run with --manager none",
            systemd::bus_address(systemd::Which::user), user_name())};
    }
    return ManagerKind::user;
}

ManagerKind choose_manager(const GuardOptions& options) {
    const bool system = systemd::is_available(systemd::Which::system);
    if (options.manager == "auto") {
        if (!system) {
            return ManagerKind::none;
        }
        // Where there is a systemd, a run without one is what somebody has asked for: it would lose
        // its guards on the day that a user lingers no more, and nobody would notice.
        return ::geteuid() == 0 ? ManagerKind::system : need_user_manager();
    }
    if (options.manager == "system") {
        if (!system) {
            throw std::runtime_error{"--manager system: systemd is not running on this host"};
        }
        return ManagerKind::system;
    }
    if (options.manager == "user") {
        return need_user_manager();
    }
    if (options.manager == "none") {
        return ManagerKind::none;
    }
    throw run::UsageError{fmt::format("--manager: want auto, system, user or none, not '{}'",
                                      base::printable(options.manager))};
}

void check_manager(ManagerKind manager, const GuardOptions& options) {
    const bool has_limits =
        !options.memory_max.empty() || !options.cpu_quota.empty() || !options.tasks_max.empty();
    if (manager == ManagerKind::none && options.detach) {
        throw run::UsageError{"--detach needs systemd: without it a run is a child of its step"};
    }
    if (manager == ManagerKind::none && has_limits) {
        throw run::UsageError{"--memory-max, --cpu-quota and --tasks-max need systemd"};
    }
    if (options.scope && manager == ManagerKind::none) {
        throw run::UsageError{"--scope needs systemd"};
    }
    if (options.scope && options.detach) {
        throw run::UsageError{"--scope and --detach exclude each other"};
    }
}

/// systemd would take the limit all the same, and the run would have none.
void check_limits(ManagerKind manager, const systemd::Limits& limits) {
    if (limits == systemd::Limits{}) {
        return;
    }
    const bool user = manager == ManagerKind::user;
    const auto controllers =
        systemd::controllers_of(user ? systemd::Which::user : systemd::Which::system);
    const auto check = [&](const char* option, bool wanted, const char* controller) {
        if (wanted && !controllers.has(controller)) {
            throw std::runtime_error{fmt::format(
                "{}: {} has no cgroup v2 controller '{}' ({}), so there would be no limit", option,
                user ? "the user manager" : "this host", controller,
                controllers.file.empty() ? "no cgroup v2" : controllers.file.native())};
        }
    };
    check("--memory-max", limits.memory_max.has_value(), "memory");
    check("--cpu-quota", limits.cpu_quota.has_value(), "cpu");
    check("--tasks-max", limits.tasks_max.has_value(), "pids");
}

bool same_file(int a, int b) {
    struct stat first {};
    struct stat second {};
    return ::fstat(a, &first) == 0 && ::fstat(b, &second) == 0 && first.st_dev == second.st_dev &&
           first.st_ino == second.st_ino;
}

void fill(launch::Order& order, const run::Config& config, const GuardOptions& options,
          const Context& context) {
    run::Request& request = order.request;
    request.deadline = options.deadline.empty() ? config.deadline
                                                : duration_option("--deadline", options.deadline);
    request.teardown_budget = options.teardown_budget.empty()
                                  ? config.teardown_budget
                                  : duration_option("--teardown-budget", options.teardown_budget);
    if (request.deadline < 1s || request.teardown_budget < 1s) {
        throw run::UsageError{"--deadline and --teardown-budget: at least one second"};
    }
    request.stop_grace = std::min(config.stop_grace, request.teardown_budget / 4);
    request.merged_output = same_file(STDOUT_FILENO, STDERR_FILENO);
    request.inherit_stdio = options.scope;

    const auto build = base::find_variable(context.environment, "DRONE_BUILD_NUMBER");
    order.wanted_id =
        run::check_run_id(!options.run_id.empty()    ? options.run_id
                          : build && !build->empty() ? *build
                                                     : fmt::format("manual-{}", ::getpid()));
    order.lock_dir = config.lock_dir;
    order.runs_dir = config.runs_dir;
    order.user = user_name();
    if (!options.memory_max.empty()) {
        order.limits.memory_max = size_option("--memory-max", options.memory_max);
    }
    if (!options.cpu_quota.empty()) {
        order.limits.cpu_quota = percent_option("--cpu-quota", options.cpu_quota);
    }
    if (!options.tasks_max.empty()) {
        order.limits.tasks_max = count_option("--tasks-max", options.tasks_max);
    }
    if (options.no_wait && !options.wait_timeout.empty()) {
        throw run::UsageError{"--no-wait and --wait-timeout exclude each other"};
    }
    if (options.no_wait) {
        order.wait_timeout = 0us;
    } else if (!options.wait_timeout.empty()) {
        order.wait_timeout = duration_option("--wait-timeout", options.wait_timeout);
    }
    if (options.supersede && order.wait_timeout == 0us) {
        throw run::UsageError{"--supersede and --no-wait exclude each other"};
    }
    order.supersede = options.supersede;
    order.detach = options.detach;
    order.heartbeat = config.heartbeat;
}

void lock_for_all_hosts(launch::Order& order, const run::Config& config, const Context& context) {
    if (order.domain.empty() || config.lock.engine != run::LockEngine::etcd) {
        return;
    }
    std::vector<std::string> environment;
    if (const auto path = base::find_variable(context.environment, "PATH")) {
        base::set_variable(environment, "PATH", *path);
    }
    order.cluster_lock = {.ask = keeper_call({"ask"}, config, environment),
                          .keep = keeper_call({"keep"}, config, environment),
                          .margin = config.lock.margin};
}

/// A cancel that comes while Drone's runner does not listen never reaches it.
void watch_build(launch::Order& order, const run::Config& config, const GuardOptions& options,
                 const Context& context) {
    const auto repository = base::find_variable(context.environment, "DRONE_REPO");
    const auto number = base::find_variable(context.environment, "DRONE_BUILD_NUMBER");
    if (!repository || !number || options.detach) {
        return;
    }
    if (config.drone_token_file.empty()) {
        order.no_build_watch =
            "no drone_token_file is configured: a cancel that Drone loses ends this run only at "
            "its "
            "deadline";
        return;
    }
    std::vector<std::string> environment;
    for (const char* name : {"PATH", "http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy",
                             "ALL_PROXY", "no_proxy", "NO_PROXY"}) {
        if (const auto value = base::find_variable(context.environment, name)) {
            base::set_variable(environment, name, *value);
        }
    }
    order.build_watch = apps_call(
        {"watch-build", "--repository=" + *repository, "--number=" + *number}, config, environment);
}

/// A janitor looks for locks where the host's configuration says. Whatever a step's environment
/// (and so anybody's build parameter) puts elsewhere would be an orphan in its eyes.
void check_janitors_view(const Context& context, const run::Config& config) {
    if (config.platform == run::PlatformKind::none) {
        return;
    }
    const run::Config host = context.host_config();
    if (config.lock_dir != host.lock_dir) {
        throw run::UsageError{fmt::format(
            "lock_dir {} (from {}) is not the host's {}: a janitor would reap this run's app",
            config.lock_dir.native(), config.origin.at("lock_dir"), host.lock_dir.native())};
    }
    if (config.lock != host.lock) {
        throw run::UsageError{"'lock' is not the host's: a janitor would reap this run's app"};
    }
}

/// The janitor's pass is a unit of its own, so it is in nobody's way; one at a time is enough.
void ask_for_janitor(ManagerKind manager, const Context& context) {
    try {
        const auto which =
            manager == ManagerKind::user ? systemd::Which::user : systemd::Which::system;
        std::vector<std::string> argv{base::own_program()};
        if (context.config_file) {
            argv.insert(argv.end(), {"--config", std::filesystem::absolute(*context.config_file)});
        }
        argv.emplace_back("janitor");
        systemd::TransientService service{
            .name = "cc-ci-janitor.service",
            .description = "cc-ci janitor",
            .slice = "cc-ci.slice",
            .exec_start = argv,
            .exec_stop_post = {},
            .log_fields = {},
            .runtime_max = 2 * context.host_config().teardown_budget,
        };
        // systemd's own need not have what a teardown calls.
        if (const auto path = base::find_variable(context.environment, "PATH")) {
            service.environment = {"PATH=" + *path};
        }
        if (which == systemd::Which::system) {
            service.after = {"docker.service", "network-online.target"};
        }
        (void)systemd::Manager::connect(which).start(service);
    } catch (const systemd::ManagerError&) {
        // One is at work already, or the timer's next pass will do.
    }
}

void print_last_line(const run::Record& record, bool mid_line) {
    std::string line = last_line(record);
    std::string prefix = "cc-ci:";
    if (base::may_colour(STDERR_FILENO)) {
        const std::size_t verdict = run::to_string(record.verdict->kind).size();
        line = base::paint(colour_of(record.verdict->kind), line.substr(0, verdict)) +
               line.substr(verdict);
        prefix = base::paint(base::Colour::dim, prefix);
    }
    print(stderr, "{}{} {}\n", mid_line ? "\n" : "", prefix, line);
}

microseconds between(const std::optional<run::Time>& from, const std::optional<run::Time>& to) {
    return from && to ? std::chrono::duration_cast<microseconds>(*to - *from) : microseconds{0};
}

}  // namespace

void add_guard_options(CLI::App& command, GuardOptions& options) {
    command.add_option("--deadline", options.deadline)->type_name("TIME");
    command.add_option("--teardown-budget", options.teardown_budget)->type_name("TIME");
    command.add_option("--wait-timeout", options.wait_timeout)->type_name("TIME");
    command.add_flag("--no-wait", options.no_wait);
    command.add_flag("--supersede", options.supersede);
    command.add_option("--run-id", options.run_id)->type_name("ID");
    command.add_option("--manager", options.manager)->type_name("auto|system|user|none");
    command.add_flag("--scope", options.scope);
    command.add_option("--memory-max", options.memory_max)->type_name("SIZE");
    command.add_option("--cpu-quota", options.cpu_quota)->type_name("PERCENT");
    command.add_option("--tasks-max", options.tasks_max)->type_name("NUMBER");
    command.add_flag("--detach", options.detach);
    command.add_flag("--json", options.json);
}

std::string last_line(const run::Record& record) {
    const run::Verdict& verdict = *record.verdict;
    std::string line = run::to_string(verdict.kind);
    if (verdict.reason.starts_with(line)) {
        line = verdict.reason;  // "cancelled by SIGTERM" says both
    } else if (!verdict.reason.empty()) {
        line += ": " + verdict.reason;
    }
    if (!record.note.empty()) {
        line += ", " + record.note;
    }
    if (record.clean) {
        line += *record.clean ? ", teardown clean" : ", TEARDOWN INCOMPLETE";
    }
    const microseconds whole = between(record.created, record.ended);
    line += fmt::format(", {}", base::format_duration(whole));
    if (record.started && record.job_ended) {
        line += fmt::format(" (queue {}, job {}, teardown {})",
                            base::format_duration(between(record.created, record.started)),
                            base::format_duration(between(record.started, record.job_ended)),
                            base::format_duration(between(record.job_ended, record.ended)));
    }
    if (verdict.exit_code != 0 && record.started) {
        line += fmt::format("; details: cc-ci show {}", record.run);
        if (!record.unit.empty()) {
            line += fmt::format(", journalctl CC_CI_RUN={}", record.run);
        }
    }
    return line;
}

int run_guarded(const Context& context, const run::Config& config, const GuardOptions& options,
                launch::Order order) {
    fill(order, config, options, context);
    watch_build(order, config, options, context);
    lock_for_all_hosts(order, config, context);
    const ManagerKind manager = choose_manager(options);
    check_manager(manager, options);
    check_limits(manager, order.limits);
    const auto parent =
        options.detach ? launch::Parent::ignore() : launch::Parent::guard(context.parent_at_start);
    if (!order.domain.empty()) {
        locks::check_lock_dir(config.lock_dir);
    }
    check_platform(config);
    check_janitors_view(context, config);
    if (config.platform != run::PlatformKind::none && manager != ManagerKind::none) {
        order.on_started = [&context, manager] { ask_for_janitor(manager, context); };
    }

    event::Loop::block_signals({SIGTERM, SIGINT, SIGHUP, SIGCHLD});
    event::Loop loop;
    launch::Step step{loop, parent, std::move(order), launch::make_carrier(manager, options.scope)};
    const run::Record record = step.run();

    if (step.was_let_go()) {
        return run::exit_code::cancelled;
    }
    if (!record.verdict) {
        print(stdout, "{}\n", record.run);
        return 0;
    }
    print_last_line(record, step.ends_mid_line());
    if (options.json) {
        nlohmann::json line = *record.verdict;
        line["run"] = record.run;
        line["domain"] = record.domain;
        line["clean"] = record.clean.value_or(true);
        print(stderr, "{}\n", line.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
    }
    return record.verdict->exit_code;
}

}  // namespace ccci::cli
