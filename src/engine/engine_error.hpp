#pragma once

#include <stdexcept>
#include <string>

namespace ccci::engine {

/// The Docker Engine could not be asked, or refused. One line, such as
/// - connect to docker at /run/docker.sock: Connection refused; is the Docker engine running?
/// - docker GET /services: This node is not a swarm manager.
class EngineError : public std::runtime_error {
public:
    enum class Kind {
        unreachable,  ///< no answer: not running, being restarted, too slow
        failed,       ///< the engine's own failure (status 5xx); a starting engine has them, too
        refused,      ///< any other answer that is of no use; asking again will not help
    };

    EngineError(Kind kind, const std::string& text) : std::runtime_error{text}, kind_{kind} {}

    /// Asking again later may help.
    [[nodiscard]] bool transient() const noexcept { return kind_ != Kind::refused; }
    [[nodiscard]] Kind kind() const noexcept { return kind_; }

private:
    Kind kind_;
};

}  // namespace ccci::engine
