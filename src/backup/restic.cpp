#include "backup/restic.hpp"

#include <fmt/format.h>
#include <poll.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <stdexcept>

#include <nlohmann/json.hpp>

#include "backup/tool.hpp"
#include "base/text.hpp"

namespace ccci::backup {

namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using std::chrono::steady_clock;

constexpr int k_pause_ms = 500;
constexpr std::size_t k_most_output = std::size_t{16} << 20;

/// The lines of the output that are JSON objects; restic also says things in words.
std::vector<json> objects_in(std::string_view output) {
    std::vector<json> objects;
    for (const std::string& line : base::split(output, '\n')) {
        json object = json::parse(line, nullptr, false);
        if (object.is_object()) {
            objects.push_back(std::move(object));
        }
    }
    return objects;
}

std::string text_in(const json& object, const char* name) {
    const auto found = object.find(name);
    return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

std::map<std::string, std::uintmax_t> files_of(const fs::path& directory) {
    std::map<std::string, std::uintmax_t> files;
    for (const fs::directory_entry& entry : fs::directory_iterator{directory}) {
        files["/" + entry.path().filename().native()] = entry.file_size();
    }
    return files;
}

}  // namespace

Restic::Restic(const std::string& repository, const fs::path& password_file,
               std::vector<std::string> environment)
    : environment_{std::move(environment)} {
    // Any of these would win over the file.
    std::erase_if(environment_, [](const std::string& entry) {
        return entry.starts_with("RESTIC_PASSWORD") || entry.starts_with("RESTIC_REPOSITORY");
    });
    base::set_variable(environment_, "RESTIC_REPOSITORY", repository);
    base::set_variable(environment_, "RESTIC_PASSWORD_FILE", password_file.native());
}

std::string Restic::run(const std::vector<std::string>& arguments, const fs::path& directory,
                        std::chrono::microseconds longest) {
    const auto until = steady_clock::now() + longest;
    for (;;) {
        std::string text;
        const ToolEnd end = try_once(arguments, directory, until, text);
        if (end.status.success()) {
            return text;
        }
        const bool locked = text.find("already locked") != std::string::npos;
        if (!locked || steady_clock::now() + std::chrono::milliseconds{k_pause_ms} >= until) {
            throw std::runtime_error{
                fmt::format("restic {}: {}", arguments.front(), words_of(end.last_line))};
        }
        // By a run that was killed: its lock is in the way until this removes it. Or by one that is
        // at work: this leaves that alone, and nothing tells when it is done; restic's own
        // --retry-lock is younger than Debian 12.
        (void)try_once({"unlock"}, directory, until, text);
        (void)::poll(nullptr, 0, k_pause_ms);
    }
}

ToolEnd Restic::try_once(std::vector<std::string> arguments, const fs::path& directory,
                         steady_clock::time_point until, std::string& text) {
    arguments.insert(arguments.begin(), {"restic", "--json", "--no-cache"});
    const auto left =
        std::chrono::duration_cast<std::chrono::microseconds>(until - steady_clock::now());
    return run_tool(
        {.argv = std::move(arguments), .environment = environment_, .directory = directory},
        [&](std::string_view output) {
            text += output.substr(0, k_most_output - std::min(k_most_output, text.size()));
        },
        std::max(left, std::chrono::microseconds{0}));
}

std::string Restic::save(const fs::path& directory, const std::string& run_id) {
    const std::string output =
        run({"backup", "--tag", "cc-ci", "--tag", "cc-ci-run=" + run_id, "--", "."}, directory,
            k_longest_command);
    std::string id = snapshot_id_in(output);
    if (id.empty()) {
        throw std::runtime_error{"restic backup: it does not say which snapshot it has made"};
    }
    return id;
}

void Restic::check(const std::string& id, const fs::path& directory) {
    std::map<std::string, std::uintmax_t> missing = files_of(directory);
    for (const json& object : objects_in(run({"ls", "--", id}, {}, k_longest_command))) {
        const auto file = missing.find(text_in(object, "path"));
        const json size = object.value("size", json());
        if (file != missing.end() && size == file->second) {
            missing.erase(file);
        }
    }
    if (!missing.empty()) {
        throw std::runtime_error{
            fmt::format("restic ls: snapshot {} lacks {}", id, missing.begin()->first)};
    }
}

void Restic::fetch(const std::string& id, const fs::path& directory) {
    (void)run({"restore", "--target", directory.native(), "--", id}, {}, k_longest_command);
}

void Restic::forget(const std::string& id, std::chrono::microseconds longest) {
    (void)run({"forget", "--", id}, {}, longest);
}

std::string words_of(const std::string& line) {
    const json object = json::parse(line, nullptr, false);
    const std::string message = object.is_object() ? text_in(object, "message") : "";
    return message.empty() ? line : base::printable(base::trim(message), 500);
}

std::string snapshot_id_in(std::string_view output) {
    std::string id;
    for (const json& object : objects_in(output)) {
        const std::string found = text_in(object, "snapshot_id");
        id = is_snapshot_id(found) ? found : id;
    }
    return id;
}

bool is_snapshot_id(std::string_view text) {
    return text.size() >= 8 && text.size() <= 64 && std::ranges::all_of(text, [](char c) {
               return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
           });
}

}  // namespace ccci::backup
