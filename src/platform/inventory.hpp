#pragma once

#include <filesystem>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "engine/client.hpp"
#include "platform/object.hpp"

namespace ccci::platform {

/// Reads the engine's listing of one kind of object. Throws nlohmann::json::exception when it has
/// another form than documented; unknown fields are ignored.
std::vector<Object> parse_objects(Kind kind, const nlohmann::json& listing);

/// Everything that carries the stack's label, and whatever has no label and a name that begins with
/// "<stack>_": not all of that need be the stack's, see owner_of(). Throws engine::EngineError.
std::vector<Object> list_candidates(engine::Client& engine, const std::string& stack);

/// The ids of the nodes that the Swarm does not reach. Throws engine::EngineError.
std::set<std::string> list_nodes_down(engine::Client& engine);
/// The same of the engine's listing; throws as parse_objects() does.
std::set<std::string> parse_nodes_down(const nlohmann::json& listing);

/// Everything on the engine, except tasks. Throws engine::EngineError.
std::vector<Object> list_everything(engine::Client& engine);

/// The env files below an abra directory: servers/<server>/<domain>.env, of one domain or of all.
/// No such directory: none.
std::vector<Object> list_env_files(const std::filesystem::path& abra_dir,
                                   const std::optional<std::string>& domain);

}  // namespace ccci::platform
