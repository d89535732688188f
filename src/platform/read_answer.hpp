#pragma once

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "engine/client.hpp"
#include "engine/engine_error.hpp"

namespace ccci::platform {

/// Calls `read` with the body of the answer; a form that is not the documented one is an
/// EngineError.
template <typename Read>
auto read_answer(const engine::Answer& answer, Read read) {
    try {
        return read(answer.value());
    } catch (const nlohmann::json::exception& error) {
        throw engine::EngineError{
            engine::EngineError::Kind::refused,
            fmt::format("docker {}: unexpected answer: {}", answer.request, error.what())};
    }
}

}  // namespace ccci::platform
