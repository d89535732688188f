#include "platform/inventory.hpp"

#include <fmt/format.h>
#include <charconv>

#include <algorithm>
#include <array>
#include <string_view>
#include <system_error>

#include "platform/read_answer.hpp"
#include "run/usage_error.hpp"

namespace ccci::platform {

namespace {

using nlohmann::json;

std::string listing_of(Kind kind) {
    switch (kind) {
        case Kind::service:
            return "/services";
        case Kind::task:
            return "/tasks";
        case Kind::container:
            return "/containers/json";
        case Kind::network:
            return "/networks";
        case Kind::config:
            return "/configs";
        case Kind::secret:
            return "/secrets";
        case Kind::volume:
            return "/volumes";
        case Kind::env_file:
            break;
    }
    throw std::logic_error{"the engine has no env files"};
}

/// A label is anybody's: what is no number is none.
std::int64_t revision_of(const json& owner_of_labels) {
    const json labels = owner_of_labels.value("Labels", json());
    const std::string text = labels.is_null() ? "" : labels.value(k_revision_label, "");
    std::int64_t revision = 0;
    (void)std::from_chars(text.data(), text.data() + text.size(), revision);
    return revision;
}

std::string stack_of(const json& owner_of_labels) {
    const json labels = owner_of_labels.value("Labels", json());
    return labels.is_null() ? "" : labels.value(k_stack_label, "");
}

/// True for the ended task of a job. Older engines (20.10) keep it for good when its service is
/// removed; nothing but the engine's memory is left of it.
bool is_over(const json& task) {
    constexpr std::array<std::string_view, 4> k_ends{"complete", "failed", "shutdown", "rejected"};
    const std::string state = task.value("/Status/State"_json_pointer, "");
    return task.value("DesiredState", "") == "complete" &&
           std::ranges::find(k_ends, state) != k_ends.end();
}

Object parse_object(Kind kind, const json& item) {
    Object object{.kind = kind, .id = {}, .name = {}, .stack = {}};
    switch (kind) {
        case Kind::service:
        case Kind::config:
        case Kind::secret:
            object.id = item.at("ID");
            object.name = item.at("Spec").at("Name");
            object.stack = stack_of(item.at("Spec"));
            object.revision = revision_of(item.at("Spec"));
            break;
        case Kind::task:
            object.id = object.name = item.at("ID");
            object.running = !is_over(item);
            object.node = item.value("NodeID", "");
            break;
        case Kind::container: {
            object.id = item.at("Id");
            const json names = item.value("Names", json());
            object.name = names.empty() ? object.id : names.at(0).get<std::string>();
            if (object.name.starts_with('/')) {
                object.name.erase(0, 1);
            }
            object.stack = stack_of(item);
            const json labels = item.value("Labels", json());
            object.of_task = !labels.is_null() && labels.contains("com.docker.swarm.task.id");
            object.running = item.value("State", "") == "running";
            break;
        }
        case Kind::network:
            object.id = item.at("Id");
            object.name = item.at("Name");
            object.stack = stack_of(item);
            object.revision = revision_of(item);
            break;
        case Kind::volume:
            object.id = object.name = item.at("Name");
            object.stack = stack_of(item);
            object.revision = revision_of(item);
            break;
        case Kind::env_file:
            break;
    }
    return object;
}

std::vector<Object> ask(engine::Client& engine, Kind kind, const engine::Filters& filters) {
    const std::string target =
        listing_of(kind) + engine::query(filters, kind == Kind::container ? "&all=true" : "");
    return read_answer(engine.get(target),
                       [&](const json& listing) { return parse_objects(kind, listing); });
}

}  // namespace

std::vector<Object> parse_objects(Kind kind, const json& listing) {
    const json& items = kind == Kind::volume ? listing.at("Volumes") : listing;
    std::vector<Object> objects;
    if (items.is_null()) {
        return objects;  // how Go writes an empty list
    }
    if (!items.is_array()) {
        throw json::type_error::create(302, "a listing must be an array", &items);
    }
    for (const json& item : items) {
        objects.push_back(parse_object(kind, item));
    }
    return objects;
}

std::set<std::string> list_nodes_down(engine::Client& engine) {
    return read_answer(engine.get("/nodes"), parse_nodes_down);
}

std::set<std::string> parse_nodes_down(const json& listing) {
    std::set<std::string> down;
    for (const json& node : listing) {
        if (node.value("/Status/State"_json_pointer, "") == "down") {
            down.insert(node.at("ID").get<std::string>());
        }
    }
    return down;
}

std::vector<Object> list_candidates(engine::Client& engine, const std::string& stack) {
    const engine::Filters labelled{{"label", {fmt::format("{}={}", k_stack_label, stack)}}};
    // The engine takes the name as a prefix, a part or a pattern, depending on the kind.
    const std::string prefix = stack + "_";
    const engine::Filters named{{"name", {prefix}}};

    std::vector<Object> objects;
    // Configs last: one of them may say that all of it is a later holder's, and that one makes it
    // before anything else.
    for (const Kind kind : {Kind::service, Kind::task, Kind::container, Kind::network, Kind::secret,
                            Kind::volume, Kind::config}) {
        for (Object& object : ask(engine, kind, labelled)) {
            object.stack = stack;  // a task's answer does not show it
            objects.push_back(std::move(object));
        }
        if (kind == Kind::service || kind == Kind::task) {
            continue;  // without a label they are nobody's app
        }
        for (Object& object : ask(engine, kind, named)) {
            if (object.stack.empty() && object.name.starts_with(prefix)) {
                objects.push_back(std::move(object));
            }
        }
    }
    return objects;
}

std::vector<Object> list_everything(engine::Client& engine) {
    std::vector<Object> objects;
    for (const Kind kind : {Kind::service, Kind::container, Kind::network, Kind::config,
                            Kind::secret, Kind::volume}) {
        for (Object& object : ask(engine, kind, {})) {
            objects.push_back(std::move(object));
        }
    }
    return objects;
}

std::vector<Object> list_env_files(const std::filesystem::path& abra_dir,
                                   const std::optional<std::string>& domain) {
    std::vector<Object> objects;
    if (abra_dir.empty()) {
        return objects;
    }
    const auto add = [&](const std::filesystem::path& path) {
        const std::string name = path.stem().native();
        try {
            objects.push_back({.kind = Kind::env_file,
                               .id = path.native(),
                               .name = run::check_domain(name),
                               .stack = {}});
        } catch (const run::UsageError&) {
            // Some other file of the operator's.
        }
    };
    std::error_code ignored;  // what cannot be read has no env files that we could remove
    for (const auto& server : std::filesystem::directory_iterator{abra_dir / "servers", ignored}) {
        if (domain) {
            const std::filesystem::path path = server.path() / (*domain + ".env");
            if (std::filesystem::symlink_status(path, ignored).type() !=
                std::filesystem::file_type::not_found) {
                add(path);
            }
            continue;
        }
        for (const auto& entry : std::filesystem::directory_iterator{server.path(), ignored}) {
            if (entry.path().extension() == ".env") {
                add(entry.path());
            }
        }
    }
    return objects;
}

}  // namespace ccci::platform
