#include "recipe/owner_labels.hpp"

#include <fmt/format.h>

#include <array>
#include <optional>
#include <set>
#include <utility>

#include "base/files.hpp"
#include "base/text.hpp"
#include "recipe/app.hpp"
#include "recipe/compose_yaml.hpp"
#include "recipe/recipe_error.hpp"
#include "recipe/recipe_run.hpp"

namespace ccci::recipe {

namespace fs = std::filesystem;
using Labels = std::map<std::string, std::string>;

namespace {

constexpr std::array<const char*, 4> k_made{"networks", "volumes", "configs", "secrets"};

/// What the files come to, as far as labels are concerned.
struct Merged {
    std::optional<std::string> version;  ///< all files of a deploy must have the same
    std::set<std::string> services;
    /// By section and key. docker merges services; of these the last file's counts as a whole.
    std::map<std::string, std::map<std::string, YAML::Node>> own;
};

Merged merge(const std::vector<ComposeFile>& files) {
    Merged merged;
    // A service that names no network is in this one, which need not be declared.
    merged.own["networks"]["default"] = YAML::Node{YAML::NodeType::Null};
    for (const ComposeFile& file : files) {
        const YAML::Node root = YAML::Load(file.text);
        if (const YAML::Node version = root["version"]; version.IsDefined()) {
            merged.version = text_of(version);
        }
        for (const auto& service : root["services"]) {
            merged.services.insert(service.first.Scalar());
        }
        for (const char* section : k_made) {
            for (const auto& object : root[section]) {
                if (is_external(object.second)) {
                    merged.own[section].erase(object.first.Scalar());
                } else {
                    merged.own[section].insert_or_assign(object.first.Scalar(), object.second);
                }
            }
        }
    }
    return merged;
}

/// What was quoted stays text, and what was not stays a number, a truth value or whatever it is.
void emit(YAML::Emitter& out, const YAML::Node& node) {
    if (node.IsScalar()) {
        out << (node.Tag() == "!" ? YAML::DoubleQuoted : YAML::Auto) << node.Scalar();
    } else if (node.IsSequence()) {
        out << YAML::BeginSeq;
        for (const YAML::Node& each : node) {
            emit(out, each);
        }
        out << YAML::EndSeq;
    } else if (node.IsMap()) {
        out << YAML::BeginMap;
        for (const auto& entry : node) {
            out << YAML::Key << entry.first.Scalar() << YAML::Value;
            emit(out, entry.second);
        }
        out << YAML::EndMap;
    } else {
        out << YAML::Null;
    }
}

void emit_labels(YAML::Emitter& out, const Labels& labels) {
    out << YAML::Key << "labels" << YAML::Value << YAML::BeginMap;
    for (const auto& [name, value] : labels) {
        out << YAML::Key << YAML::DoubleQuoted << name << YAML::Value << YAML::DoubleQuoted
            << value;
    }
    out << YAML::EndMap;
}

/// The whole definition once more, with more labels.
void emit_labelled(YAML::Emitter& out, const YAML::Node& definition, const Labels& labels) {
    out << YAML::BeginMap;
    Labels all;
    if (definition.IsMap()) {
        for (const std::string& label : read_labels(find(definition, "labels"))) {
            const std::size_t end = std::min(label.find('='), label.size());
            all[label.substr(0, end)] = label.substr(std::min(end + 1, label.size()));
        }
        for (const auto& entry : definition) {
            if (entry.first.Scalar() != "labels") {
                out << YAML::Key << entry.first.Scalar() << YAML::Value;
                emit(out, entry.second);
            }
        }
    }
    for (const auto& [name, value] : labels) {
        all[name] = value;
    }
    emit_labels(out, all);
    out << YAML::EndMap;
}

}  // namespace

std::string label_overlay(const std::vector<ComposeFile>& files, const Labels& labels) {
    Labels values;
    for (const auto& [name, value] : labels) {
        values[name] = base::replace_all(value, "$", "$$");  // no variable
    }
    const Merged merged = merge(files);
    YAML::Emitter out;
    out << YAML::BeginMap;
    if (merged.version) {
        out << YAML::Key << "version" << YAML::Value << YAML::DoubleQuoted << *merged.version;
    }
    out << YAML::Key << "services" << YAML::Value << YAML::BeginMap;
    for (const std::string& service : merged.services) {
        out << YAML::Key << service << YAML::Value << YAML::BeginMap;
        out << YAML::Key << "deploy" << YAML::Value << YAML::BeginMap;
        emit_labels(out, values);
        out << YAML::EndMap << YAML::EndMap;
    }
    out << YAML::EndMap;
    for (const auto& [section, objects] : merged.own) {
        out << YAML::Key << section << YAML::Value << YAML::BeginMap;
        for (const auto& [key, definition] : objects) {
            out << YAML::Key << key << YAML::Value;
            emit_labelled(out, definition, values);
        }
        out << YAML::EndMap;
    }
    out << YAML::EndMap;
    return std::string{out.c_str(), out.size()} + "\n";
}

std::vector<fs::path> with_owner_labels(const RecipeRun& run, const App& app) {
    const Labels labels = run.app.owner_labels();
    if (labels.empty()) {
        return app.compose_files;
    }
    std::vector<ComposeFile> texts;
    for (const fs::path& file : app.compose_files) {
        auto text = base::try_read_file(file);
        if (!text) {
            throw RecipeError{fmt::format("{}: is there no more", base::printable(file.native()))};
        }
        texts.push_back({file.filename(), *std::move(text)});
    }
    std::vector<fs::path> files = app.compose_files;
    files.push_back(run.job.run_dir / "compose.owner.yml");
    base::write_file_atomically(files.back(), label_overlay(texts, labels), 0600);
    return files;
}

}  // namespace ccci::recipe
