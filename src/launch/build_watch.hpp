#pragma once

#include <functional>
#include <optional>
#include <string>

#include "base/process.hpp"
#include "base/unique_fd.hpp"
#include "event/loop.hpp"
#include "run/request.hpp"

namespace ccci::launch {

/// A child that follows the build which a step belongs to, for as long as the object exists: it
/// ends with 0 when the build was cancelled, with anything else when it cannot tell, and its one
/// line of output says why.
class BuildWatch {
public:
    using Tell = std::function<void(const std::string& line)>;

    /// The callbacks may destroy the object.
    BuildWatch(event::Loop& loop, const run::Program& program, Tell on_cancelled, Tell on_given_up);
    BuildWatch(const BuildWatch&) = delete;
    BuildWatch& operator=(const BuildWatch&) = delete;
    ~BuildWatch();

private:
    void finish();

    Tell on_cancelled_;
    Tell on_given_up_;
    base::UniqueFd output_;
    std::optional<base::Child> child_;
    event::Source over_;
};

}  // namespace ccci::launch
